#pragma once

#include <span>

#include "impasto/base/image.h"
#include "impasto/infer/mask.h"

namespace impasto {

/// Pixel by pixel `below` where `share` is 0, `above` where it is 1, and mixed between. Throws
/// ConfigError for a share outside [0,1] and for pictures of different sizes or channels.
template <class Sample>
BasicImage<Sample> blend(const BasicImage<Sample>& below,
                         const BasicImage<Sample>& above,
                         double share);

/// A picture and where it shows.
template <class Sample>
struct MaskedImage {
  BasicImage<Sample> image;  ///< What shows.
  Mask mask;                 ///< Where, and how much of it.
};

/// The pictures of `areas` laid into `below`: each pixel has as much of each as its mask says, and
/// the rest of `below`; where masks add up to more than all, they share it in proportion. Throws
/// ConfigError where sizes or channels differ.
template <class Sample>
BasicImage<Sample> compose(const BasicImage<Sample>& below,
                           std::span<const MaskedImage<Sample>> areas);

/// The brightness of `result` in the colours of `photo`: luminance-only transfer after Gatys,
/// Bethge, Hertzmann, Shechtman 2016, "Preserving Color in Neural Artistic Style Transfer", section
/// 3.2, in YIQ. A colour that its new brightness has no room for gets paler, and keeps brightness
/// and hue. Throws ConfigError where sizes differ or a picture has alpha.
template <class Sample>
BasicImage<Sample> keep_color(const BasicImage<Sample>& photo, const BasicImage<Sample>& result);

}  // namespace impasto
