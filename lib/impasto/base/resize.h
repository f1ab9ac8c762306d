#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// Each axis by area averaging where it shrinks and by Lanczos interpolation where it grows.
/// Colours are weighted by alpha, so that what is hidden in transparent pixels does not bleed out.
/// Throws ConfigError unless the picture is not empty and `width` and `height` are positive.
template <class Sample>
BasicImage<Sample> resize(const BasicImage<Sample>& image, int width, int height);

/// Scaled so that the short side is `side`, proportions kept.
template <class Sample>
BasicImage<Sample> resize_short_side(const BasicImage<Sample>& image, int side);

/// Scaled down so that the long side is at most `side`; unchanged when it is already.
template <class Sample>
BasicImage<Sample> limit_long_side(const BasicImage<Sample>& image, int side);

}  // namespace impasto
