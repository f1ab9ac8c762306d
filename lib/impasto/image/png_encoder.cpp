#include <png.h>
#include <zlib.h>

#include <bit>
#include <csetjmp>
#include <new>

#include "impasto/image/encoders.h"

// libpng's simple writer has no compression level.

namespace impasto {
namespace {

void append(png_structp png, png_bytep data, png_size_t size) {
  auto& bytes = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  try {
    bytes.insert(bytes.end(), begin, begin + size);
  } catch (const std::bad_alloc&) {
    png_error(png, "out of memory");  // An exception must not pass through C.
  }
}

[[noreturn]] void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

struct Writer {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;

  Writer() = default;
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

// libpng leaves it by longjmp: no object in it has a destructor.
template <class Sample>
bool write(const Writer& writer, const BasicImage<Sample>& image, int compression) {
  const png_structp png = writer.png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_IHDR(png,
               writer.info,
               static_cast<png_uint_32>(image.width()),
               static_cast<png_uint_32>(image.height()),
               8 * sizeof(Sample),
               image.has_alpha() ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, compression);
  // Filtered pixels of a picture hardly repeat at a distance: to look for neighbours alone takes
  // half the time, and gives smaller files up to about level 6.
  constexpr int kThorough = 6;
  if (compression < kThorough) png_set_compression_strategy(png, Z_RLE);
  png_write_info(png, writer.info);
  if (sizeof(Sample) == 2 && std::endian::native == std::endian::little) png_set_swap(png);
  for (int y = 0; y < image.height(); ++y) {
    png_write_row(png, reinterpret_cast<png_const_bytep>(image.row(y)));
  }
  png_write_end(png, nullptr);
  return true;
}

template <class Sample>
std::vector<std::byte> encode(const BasicImage<Sample>& image, const WriteOptions& options) {
  const Writer writer;
  if (writer.info == nullptr) return {};
  std::vector<std::byte> bytes;
  png_set_write_fn(writer.png, &bytes, append, nullptr);
  if (!write(writer, image, options.png_compression)) return {};
  return bytes;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image, const WriteOptions& options) {
  return encode(image, options);
}

std::vector<std::byte> encode_png16(const Image16& image, const WriteOptions& options) {
  return encode(image, options);
}

}  // namespace impasto
