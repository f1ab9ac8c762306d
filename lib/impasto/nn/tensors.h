#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "impasto/base/host_tensor.h"
#include "impasto/base/image.h"

namespace impasto {

/// [1,3,H,W] float32 in [0,255], RGB. Alpha is dropped.
at::Tensor to_tensor(const Image& image);

/// From [3,H,W] or [1,3,H,W] of any floating-point type and device: rounded and clamped to [0,255]; NaN becomes 0.
Image to_image(const at::Tensor& tensor);

at::Tensor to_tensor(const HostTensor& tensor);

/// Contiguous copy on the host with the tensor's own dtype.
HostTensor to_host_tensor(const at::Tensor& tensor);

}  // namespace impasto
