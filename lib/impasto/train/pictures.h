#pragma once

// Private: not installed. Pictures as the loss sees them.

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "impasto/base/image.h"

namespace impasto {

/// `picture` [1,3,H,W] scaled to another size with an antialiased bilinear filter.
at::Tensor scaled(const at::Tensor& picture, std::int64_t height, std::int64_t width);

/// [1,3,h,w] in [0,255] with a short side of `side`, proportions kept.
at::Tensor with_short_side(const Image& image, std::int64_t side);

/// The square in the middle of the picture, as large as fits, scaled to `side`: [1,3,side,side].
at::Tensor centre_square(const Image& image, std::int64_t side);

/// Uniform in [0,255], a function of the seed and the size: [1,3,height,width].
at::Tensor noise_picture(std::int64_t height, std::int64_t width, std::int64_t seed);

}  // namespace impasto
