#include <string_view>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/image/alpha.h"
#include "impasto/image/decoders.h"
#include "impasto/image/exif.h"
#include "impasto/image/image_io.h"

namespace impasto {
namespace {

using Decoder = DecodedImage (*)(std::span<const std::byte>, const std::string&);

// The decoder for the format that the first bytes announce, whatever the file is called.
Decoder decoder_for(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xFF\xD8\xFF")) return decode_jpeg;
  if (text.starts_with("\x89PNG\r\n\x1A\n")) return decode_png;
  if (text.starts_with("RIFF") && text.find("WEBP") == 8) return decode_webp;
  if (text.starts_with("BM")) return decode_bmp;
  if (text.starts_with(std::string_view("II*\0", 4))) return decode_tiff;
  if (text.starts_with(std::string_view("MM\0*", 4))) return decode_tiff;
  return nullptr;
}

}  // namespace

void require_sane_size(std::int64_t width, std::int64_t height, const std::string& name) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 30;
  const bool sane = width > 0 && height > 0 && width <= kMostPixels / height;
  if (sane) return;
  throw FormatError(name + ": expected a picture of at most 2^30 pixels, found a size of " +
                    std::to_string(width) + "x" + std::to_string(height));
}

Image decode_image(std::span<const std::byte> bytes,
                   const std::string& name,
                   const ReadOptions& options) {
  if (bytes.empty()) throw FormatError(name + ": expected a picture, found an empty file");
  const Decoder decode = decoder_for(bytes);
  if (decode == nullptr) {
    throw FormatError(name + ": expected a JPEG, PNG, WebP, BMP or TIFF picture, found other data");
  }
  DecodedImage decoded = decode(bytes, name);
  if (!options.keep_alpha) decoded.image = on_white(std::move(decoded.image));
  return apply_orientation(std::move(decoded.image), decoded.orientation);
}

Image read_image(const std::filesystem::path& path, const ReadOptions& options) {
  return decode_image(read_file(path), path.string(), options);
}

}  // namespace impasto
