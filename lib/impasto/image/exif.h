#pragma once

// Private: not installed.

#include <cstddef>
#include <span>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// The orientation, 1 to 8, in a block of EXIF data (a TIFF structure, without the "Exif" marker of
/// JPEG); 1 when there is none or it is malformed, as viewers take it. Source: CIPA DC-008
/// (Exif 2.32), tag 274.
int exif_orientation(std::span<const std::byte> exif);

/// The same block for a picture that has been turned upright: orientation 1, and no thumbnail,
/// which would show the picture as it was.
std::vector<std::byte> upright_exif(std::vector<std::byte> exif);

/// The picture turned and mirrored so that it stands upright.
template <class Sample>
BasicImage<Sample> apply_orientation(BasicImage<Sample> image, int orientation);

}  // namespace impasto
