#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

#include <vector>

namespace impasto {

/// Scales the gradients of `parameters` down together where their global L2 norm is above `limit`
/// (0: never), and returns the norm that they had.
double clip_gradients(const std::vector<at::Tensor>& parameters, double limit);

}  // namespace impasto
