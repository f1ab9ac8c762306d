#pragma once

#include "impasto/base/image.h"

namespace impasto {

/// Each axis by area averaging where it shrinks and by Lanczos interpolation where it grows.
/// Colours are weighted by alpha, so that what is hidden in transparent pixels does not bleed out.
/// Throws ConfigError unless the picture is not empty and `width` and `height` are positive.
template <class Sample>
BasicImage<Sample> resize(const BasicImage<Sample>& image, int width, int height);

/// The same for a picture that is laid side by side, and whose borders still join afterwards: the
/// window that an axis is interpolated with (Lanczos, and wider where the axis shrinks) goes on at
/// the opposite border.
template <class Sample>
BasicImage<Sample> resize_tile(const BasicImage<Sample>& image, int width, int height);

/// Scaled so that the short side is `side`, proportions kept.
template <class Sample>
BasicImage<Sample> resize_short_side(const BasicImage<Sample>& image, int side);

/// Scaled down so that the long side is at most `side`; unchanged when it is already.
template <class Sample>
BasicImage<Sample> limit_long_side(const BasicImage<Sample>& image, int side);

}  // namespace impasto
