#pragma once

#include <ATen/core/Tensor.h>

#include "impasto/base/train_config.h"

namespace impasto {

/// Gram matrix of `features` [N,C,H,W], divided by C H W: [N,C,C], float32 or better whatever the
/// precision of `features` and of an autocast around the call.
/// Gatys, Ecker, Bethge 2016, equation 3, with Johnson et al. 2016's normalisation (section 3.2).
at::Tensor gram_matrix(const at::Tensor& features);

/// Mean squared difference of two tensors of one shape: a scalar, float32 or better. Gradients
/// reach `a` alone.
at::Tensor mean_squared_difference(const at::Tensor& a, const at::Tensor& b);

/// Mean over N, C, H and W of the absolute or squared difference to the right neighbour, plus that
/// to the one below, of `image` [N,3,H,W]: a scalar, float32 or better. A side of one pixel adds
/// nothing.
at::Tensor total_variation(const at::Tensor& image, TvKind kind);

}  // namespace impasto
