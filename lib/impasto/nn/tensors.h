#pragma once

#include <ATen/core/Tensor.h>

#include "impasto/base/host_tensor.h"
#include "impasto/base/image.h"

namespace impasto {

/// [1,3,H,W] float32 in [0,255], RGB, on CPU. Alpha is dropped. Throws ConfigError for an empty
/// picture.
at::Tensor to_tensor(const Image& image);

/// From [3,H,W] or [1,3,H,W] of any floating-point type and device: rounded to nearest (halves to
/// even) and clamped to [0,255]; NaN becomes 0. Throws ConfigError for another shape.
Image to_image(const at::Tensor& tensor);

/// A copy on CPU with the same dtype and shape.
at::Tensor to_tensor(const HostTensor& tensor);

/// A contiguous copy in host memory with the tensor's own dtype. Throws ConfigError for a dtype
/// that safetensors files have no name for here, such as complex numbers.
HostTensor to_host_tensor(const at::Tensor& tensor);

}  // namespace impasto
