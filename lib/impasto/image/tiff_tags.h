#pragma once

// Private: not installed.

#include <cstddef>
#include <vector>

#include "impasto/image/file_parts.h"

namespace impasto {

/// What the first directory of a TIFF file says of the picture: its descriptive tags, IPTC and the
/// directories of EXIF and GPS as an EXIF block, and XMP. Without the maker's notes, which hold
/// places in the file that they come from. Damaged and unknown entries are left out.
///
/// Sources: TIFF 6.0; Adobe PageMaker 6.0 TIFF technical notes; BigTIFF (LibTIFF); CIPA DC-008.
Metadata tiff_metadata(const ByteReader& file);

/// `encoded`, a little-endian TIFF or BigTIFF file of one picture, with the same parts of
/// `metadata`, in a directory at its end that takes the place of the first.
std::vector<std::byte> tiff_with_metadata(std::vector<std::byte> encoded, const Metadata& metadata);

}  // namespace impasto
