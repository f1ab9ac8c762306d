#include "impasto/image/png_writer.h"

#include <png.h>
#include <zlib.h>

#include <bit>
#include <csetjmp>

// libpng's simple writer has no compression level. Functions that libpng leaves by longjmp hold no
// object with a destructor.

namespace impasto {
namespace {

[[noreturn]] void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

}  // namespace

PngWriter::PngWriter(void* target, Put put)
    : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning)),
      info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr),
      target_(target),
      put_(put) {}

PngWriter::~PngWriter() { png_destroy_write_struct(&png_, &info_); }

bool PngWriter::begin(int width, int height, int channels, int bits, int compression) {
  if (info_ == nullptr) return false;
  const auto append = [](png_structp png, png_bytep bytes, png_size_t size) {
    const auto* writer = static_cast<const PngWriter*>(png_get_io_ptr(png));
    if (!writer->put_(writer->target_, bytes, size)) png_error(png, "cannot write");
  };
  png_set_write_fn(png_, this, append, nullptr);
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_set_IHDR(png_,
               info_,
               static_cast<png_uint_32>(width),
               static_cast<png_uint_32>(height),
               bits,
               channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png_, compression);
  // Filtered pixels of a picture hardly repeat at a distance: to look for neighbours alone takes
  // half the time, and gives smaller files up to about level 6.
  constexpr int kThorough = 6;
  if (compression < kThorough) png_set_compression_strategy(png_, Z_RLE);
  png_write_info(png_, info_);
  if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
  return true;
}

bool PngWriter::write_row(const void* row) {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_write_row(png_, static_cast<png_const_bytep>(row));
  return true;
}

bool PngWriter::end() {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_write_end(png_, nullptr);
  return true;
}

}  // namespace impasto
