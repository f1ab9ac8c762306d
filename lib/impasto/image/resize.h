#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// Area averaging when shrinking, Lanczos when enlarging.
Image resize(const Image& image, int width, int height);

/// Scaled so that the short side is `side`, proportions kept.
Image resize_short_side(const Image& image, int side);

/// Scaled down so that the long side is at most `side`; unchanged when it is already.
Image limit_long_side(const Image& image, int side);

}  // namespace impasto
