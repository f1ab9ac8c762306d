#include <new>

#include "impasto/image/encoders.h"
#include "impasto/image/png_writer.h"

namespace impasto {
namespace {

bool append(void* target, const std::uint8_t* bytes, std::size_t size) {
  auto& file = *static_cast<std::vector<std::byte>*>(target);
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  try {
    file.insert(file.end(), begin, begin + size);
    return true;
  } catch (const std::bad_alloc&) {
    return false;  // An exception must not pass through C.
  }
}

template <class Sample>
std::vector<std::byte> encode(const BasicImage<Sample>& image, const WriteOptions& options) {
  std::vector<std::byte> file;
  PngWriter writer(&file, append);
  constexpr int kBits = 8 * sizeof(Sample);
  if (!writer.begin(
          image.width(), image.height(), image.channels(), kBits, options.png_compression)) {
    return {};
  }
  for (int y = 0; y < image.height(); ++y) {
    if (!writer.write_row(image.row(y))) return {};
  }
  if (!writer.end()) return {};
  return file;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image, const WriteOptions& options) {
  return encode(image, options);
}

std::vector<std::byte> encode_png16(const Image16& image, const WriteOptions& options) {
  return encode(image, options);
}

}  // namespace impasto
