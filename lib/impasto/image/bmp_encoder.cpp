#include <algorithm>
#include <cstdint>

#include "impasto/image/encoders.h"

namespace impasto {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kInfoHeader = 40;

void put(std::vector<std::byte>& bytes, std::size_t offset, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) {
    bytes[offset + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (8 * i));
  }
}

}  // namespace

// BITMAPFILEHEADER, BITMAPINFOHEADER, and rows of BGR from the bottom up, each of a multiple of 4
// bytes: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
std::vector<std::byte> encode_bmp(const Image& image, const WriteOptions&) {
  const std::size_t stride = (image.stride() + 3) / 4 * 4;
  const std::size_t start = kFileHeader + kInfoHeader;
  const std::size_t size = start + stride * static_cast<std::size_t>(image.height());
  if (size > UINT32_MAX) return {};
  std::vector<std::byte> bytes(size);
  bytes[0] = std::byte{'B'};
  bytes[1] = std::byte{'M'};
  put(bytes, 2, size, 4);
  put(bytes, 10, start, 4);
  put(bytes, 14, kInfoHeader, 4);
  put(bytes, 18, static_cast<std::uint64_t>(image.width()), 4);
  put(bytes, 22, static_cast<std::uint64_t>(image.height()), 4);
  put(bytes, 26, 1, 2);   // planes
  put(bytes, 28, 24, 2);  // bits a pixel
  put(bytes, 34, size - start, 4);
  for (int y = 0; y < image.height(); ++y) {
    const std::uint8_t* in = image.row(image.height() - 1 - y);
    std::byte* out = bytes.data() + start + stride * static_cast<std::size_t>(y);
    for (std::size_t i = 0; i < image.stride(); i += 3) {
      out[i] = std::byte{in[i + 2]};
      out[i + 1] = std::byte{in[i + 1]};
      out[i + 2] = std::byte{in[i]};
    }
  }
  return bytes;
}

}  // namespace impasto
