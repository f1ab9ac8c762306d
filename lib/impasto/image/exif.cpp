#include "impasto/image/exif.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace impasto {
namespace {

// Reads numbers in the byte order that the block declares; 0 past the end.
class ExifReader {
 public:
  explicit ExifReader(std::span<const std::byte> data) : data_(data) {
    little_endian_ = data.size() > 1 && data[0] == std::byte{'I'};
  }

  std::uint32_t read(std::size_t offset, int bytes) const {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      const std::size_t at = offset + static_cast<std::size_t>(little_endian_ ? bytes - 1 - i : i);
      if (at >= data_.size()) return 0;
      value = value << 8 | std::to_integer<std::uint32_t>(data_[at]);
    }
    return value;
  }

 private:
  std::span<const std::byte> data_;
  bool little_endian_;
};

constexpr std::uint32_t kTiffMagic = 42;
constexpr std::uint32_t kOrientationTag = 274;
constexpr std::uint32_t kShort = 3;
constexpr std::size_t kEntry = 12;

}  // namespace

int exif_orientation(std::span<const std::byte> exif) {
  const ExifReader reader(exif);
  if (reader.read(2, 2) != kTiffMagic) return 1;
  const std::size_t directory = reader.read(4, 4);
  const std::uint32_t entries = reader.read(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + kEntry * i;
    if (reader.read(entry, 2) != kOrientationTag) continue;
    const std::uint32_t value = reader.read(entry + 8, 2);
    const bool valid = reader.read(entry + 2, 2) == kShort && value >= 1 && value <= 8;
    return valid ? static_cast<int>(value) : 1;
  }
  return 1;
}

std::vector<std::byte> upright_exif(std::vector<std::byte> exif) {
  const ExifReader reader(exif);
  if (reader.read(2, 2) != kTiffMagic) return exif;
  const std::size_t directory = reader.read(4, 4);
  const std::uint32_t entries = reader.read(directory, 2);
  const bool little_endian = exif[0] == std::byte{'I'};
  const auto put = [&](std::size_t offset, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes && offset + i < exif.size(); ++i) {
      exif[offset + i] = static_cast<std::byte>(value >> 8 * (little_endian ? i : bytes - 1 - i));
    }
  };
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + kEntry * i;
    if (reader.read(entry, 2) == kOrientationTag) put(entry + 8, 1, 2);
  }
  put(directory + 2 + kEntry * entries, 0, 4);  // Where the thumbnail's directory would begin.
  return exif;
}

template <class Sample>
BasicImage<Sample> apply_orientation(BasicImage<Sample> image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool transposed = orientation >= 5;
  // Which of the stored picture's axes run backwards.
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const auto channels = static_cast<std::size_t>(image.channels());
  BasicImage<Sample> upright(transposed ? image.height() : image.width(),
                             transposed ? image.width() : image.height(),
                             image.channels());
  for (int y = 0; y < upright.height(); ++y) {
    Sample* out = upright.row(y);
    for (int x = 0; x < upright.width(); ++x, out += channels) {
      int from_x = x, from_y = y;
      if (transposed) std::swap(from_x, from_y);
      if (flip_x) from_x = image.width() - 1 - from_x;
      if (flip_y) from_y = image.height() - 1 - from_y;
      const Sample* in = image.row(from_y) + channels * static_cast<std::size_t>(from_x);
      std::copy_n(in, channels, out);
    }
  }
  return upright;
}

template Image apply_orientation(Image, int);
template Image16 apply_orientation(Image16, int);

}  // namespace impasto
