#include <webp/decode.h>

#include <string_view>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/exif.h"

namespace impasto {
namespace {

std::size_t little_endian(std::span<const std::byte> bytes) {
  std::size_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<unsigned>(bytes[i]);
  return value;
}

// Container: https://developers.google.com/speed/webp/docs/riff_container
int orientation_of(std::span<const std::byte> bytes) {
  constexpr std::size_t kFileHeader = 12, kChunkHeader = 8;
  int orientation = 1;
  for (std::size_t at = kFileHeader; bytes.size() - at >= kChunkHeader;) {
    const std::size_t length = little_endian(bytes.subspan(at + 4));
    if (length > bytes.size() - at - kChunkHeader) break;
    const std::string_view type(reinterpret_cast<const char*>(bytes.data()) + at, 4);
    if (type == "EXIF") orientation = exif_orientation(bytes.subspan(at + kChunkHeader, length));
    const std::size_t padded = length + length % 2;
    if (padded > bytes.size() - at - kChunkHeader) break;
    at += kChunkHeader + padded;
  }
  return orientation;
}

}  // namespace

DecodedImage decode_webp(std::span<const std::byte> bytes, const std::string& name) {
  constexpr std::size_t kRiffHeader = 8, kFileHeader = 12;
  if (bytes.size() < kFileHeader || little_endian(bytes.subspan(4)) > bytes.size() - kRiffHeader) {
    throw FormatError(name + ": the WebP file is cut short");
  }
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const auto fail = [&] { throw FormatError(name + ": damaged or unsupported WebP file"); };
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) fail();
  if (features.has_animation != 0) {
    throw FormatError(name + ": expected one picture, found an animated WebP file");
  }
  require_sane_size(features.width, features.height, name);

  Image image(features.width, features.height, features.has_alpha != 0 ? 4 : 3);
  const auto decode = image.has_alpha() ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  const auto pixels = image.pixels();
  const auto stride = static_cast<int>(image.stride());
  if (decode(data, bytes.size(), pixels.data(), pixels.size(), stride) == nullptr) fail();
  return {.pixels = std::move(image), .orientation = orientation_of(bytes)};
}

}  // namespace impasto
