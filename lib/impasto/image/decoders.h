#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// A picture as its file stores it: RGB or RGBA, before the orientation is applied.
struct DecodedImage {
  std::variant<Image, Image16> pixels;  ///< 16 bits a channel of PNG and TIFF files that have them.
  int orientation = 1;                  ///< EXIF's, 1 to 8.
  /// ICC, of formats whose files read_parts does not know.
  std::vector<std::byte> profile = {};
};

/// One decoder a format. Each throws FormatError that starts with `name` when the data are damaged,
/// cut short or of a kind that is not supported.
DecodedImage decode_jpeg(std::span<const std::byte> bytes, const std::string& name);
DecodedImage decode_png(std::span<const std::byte> bytes, const std::string& name);
DecodedImage decode_webp(std::span<const std::byte> bytes, const std::string& name);
DecodedImage decode_bmp(std::span<const std::byte> bytes, const std::string& name);
DecodedImage decode_tiff(std::span<const std::byte> bytes, const std::string& name);
DecodedImage decode_ppm(std::span<const std::byte> bytes, const std::string& name);

/// Throws FormatError for a PNG file that is cut short, or claims a size that is beyond the limit
/// or that its bytes cannot hold.
void require_possible_png(std::span<const std::byte> bytes, const std::string& name);

/// The half of it that the first bytes of a PNG file of `file_size` tell: the size.
void require_possible_png_size(std::span<const std::byte> head,
                               std::uint64_t file_size,
                               const std::string& name);

/// The pixels of a PNG file, as bytes or as finely as 16 bits can hold. `has_profile`: as they are
/// stored; else converted to sRGB from what the file says of gamma and primaries.
template <class Sample>
BasicImage<Sample> decode_png_samples(std::span<const std::byte> bytes,
                                      const std::string& name,
                                      bool has_profile);

/// Throws FormatError for sizes that no photo has: a few damaged bytes in a header must not claim
/// the whole memory.
void require_sane_size(std::int64_t width, std::int64_t height, const std::string& name);

}  // namespace impasto
