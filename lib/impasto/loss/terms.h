#pragma once

#include <ATen/core/Tensor.h>

#include "impasto/base/train_config.h"

namespace impasto {

/// Gram matrix of `features` [N,C,H,W], divided by C H W: [N,C,C], float32 or better whatever the precision.
/// Gatys, Ecker, Bethge 2016, equation 3, with Johnson et al. 2016's normalisation (section 3.2).
at::Tensor gram_matrix(const at::Tensor& features);

/// Mean over N, C, H and W of the absolute or squared difference to the right neighbour, plus that to the one below.
at::Tensor total_variation(const at::Tensor& image, TvKind kind);

}  // namespace impasto
