#include <png.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/exif.h"

// libpng's own reader instead of OpenCV's: that one prints libpng's warnings on stderr.

namespace impasto {
namespace {

struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(4)) value = value << 8 | std::to_integer<unsigned>(byte);
  return value;
}

constexpr std::size_t kDepth = 24;  // The place of a channel's bits in the file.

struct Chunks {
  std::span<const std::byte> exif;
  bool profile = false;
  bool complete = false;  // The end chunk was found.
};

Chunks scan_chunks(std::span<const std::byte> bytes) {
  constexpr std::size_t kSignature = 8, kHeader = 8, kChecksum = 4;
  Chunks chunks;
  std::size_t at = kSignature;
  while (bytes.size() - at >= kHeader + kChecksum) {
    const std::size_t length = big_endian(bytes.subspan(at));
    if (length > bytes.size() - at - kHeader - kChecksum) break;
    const std::string_view type(reinterpret_cast<const char*>(bytes.data()) + at + 4, 4);
    if (type == "iCCP") chunks.profile = true;
    if (type == "eXIf") chunks.exif = bytes.subspan(at + kHeader, length);
    if (type == "IEND") {
      chunks.complete = true;
      break;
    }
    at += kHeader + length + kChecksum;
  }
  return chunks;
}

}  // namespace

// What the header claims must be possible before memory is taken for it: Deflate compresses to a
// 1032nd at best (https://www.zlib.net/zlib_tech.html).
void require_possible_png_size(std::span<const std::byte> head,
                               std::uint64_t file_size,
                               const std::string& name) {
  constexpr std::size_t kSize = 16, kHeaders = 33;
  constexpr std::uint64_t kBestRatio = 1032;
  if (head.size() < kHeaders) return;  // libpng says what is wrong.
  const std::uint64_t width = big_endian(head.subspan(kSize));
  const std::uint64_t height = big_endian(head.subspan(kSize + 4));
  require_sane_size(static_cast<std::int64_t>(width), static_cast<std::int64_t>(height), name);
  const std::uint64_t bits = std::to_integer<std::uint64_t>(head[kDepth]);  // Of one channel.
  if (width * bits / 8 * height / kBestRatio <= file_size) return;
  throw FormatError(name + ": damaged PNG file: a picture of " + std::to_string(width) + "x" +
                    std::to_string(height) + " does not fit in " + std::to_string(file_size) +
                    " bytes");
}

void require_possible_png(std::span<const std::byte> bytes, const std::string& name) {
  if (!scan_chunks(bytes).complete) throw FormatError(name + ": the PNG file is cut short");
  require_possible_png_size(bytes, bytes.size(), name);
}

DecodedImage decode_png(std::span<const std::byte> bytes, const std::string& name) {
  require_possible_png(bytes, name);
  const Chunks chunks = scan_chunks(bytes);
  const int orientation = exif_orientation(chunks.exif);
  if (bytes.size() > kDepth && bytes[kDepth] == std::byte{16}) {
    return {.pixels = decode_png_samples<std::uint16_t>(bytes, name, chunks.profile),
            .orientation = orientation};
  }
  if (chunks.profile) {
    return {.pixels = decode_png_samples<std::uint8_t>(bytes, name, true),
            .orientation = orientation};
  }
  PngImage holder;
  png_image& png = holder.image;
  const auto fail = [&] { throw FormatError(name + ": damaged PNG file: " + png.message); };
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) fail();
  require_sane_size(png.width, png.height, name);
  const bool alpha = (png.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  png.format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  Image image(static_cast<int>(png.width), static_cast<int>(png.height), alpha ? 4 : 3);
  if (png_image_finish_read(&png, nullptr, image.pixels().data(), 0, nullptr) == 0) fail();
  return {.pixels = std::move(image), .orientation = orientation};
}

}  // namespace impasto
