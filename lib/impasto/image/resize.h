#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// Each axis by area averaging where it shrinks and by Lanczos interpolation where it grows.
/// Colours are weighted by alpha, so that what is hidden in transparent pixels does not bleed out.
/// Throws ConfigError unless the picture is not empty and `width` and `height` are positive.
Image resize(const Image& image, int width, int height);

/// Scaled so that the short side is `side`, proportions kept.
Image resize_short_side(const Image& image, int side);

/// Scaled down so that the long side is at most `side`; unchanged when it is already.
Image limit_long_side(const Image& image, int side);

}  // namespace impasto
