#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace impasto {

/// `x` [N,C,H,W] continued by `pad` pixels on each side as a mirror at its outermost pixels shows
/// it, in the type of `x` under an autocast too. H and W are above `pad`.
at::Tensor mirrored(const at::Tensor& x, std::int64_t pad);

}  // namespace impasto
