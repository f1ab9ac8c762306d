#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"

// libpng's simple reader gives 16 bits in linear light alone, and corrects gamma on its own where a
// file has a colour profile too.

namespace impasto {
namespace {

struct Reading {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::span<const std::byte> rest;
  char message[100] = "";

  Reading() = default;
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  auto& reading = *static_cast<Reading*>(png_get_error_ptr(png));
  std::strncpy(reading.message, text, sizeof reading.message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, png_size_t count) {
  auto& rest = static_cast<Reading*>(png_get_io_ptr(png))->rest;
  if (count > rest.size()) png_error(png, "the file is cut short");
  std::memcpy(to, rest.data(), count);
  rest = rest.subspan(count);
}

// The functions that libpng leaves by longjmp: no object in them has a destructor.

bool begin(Reading& reading, int bits, bool has_profile) {
  reading.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, on_error, on_warning);
  if (reading.png == nullptr) return false;
  const png_structp png = reading.png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  reading.info = png_create_info_struct(png);
  png_set_read_fn(png, &reading, read_bytes);
  // What the file says about its colours is applied, sRGB where it says nothing: but for a profile,
  // which says more, and is applied to the pixels as they are stored.
  if (!has_profile) png_set_alpha_mode_fixed(png, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
  png_read_info(png, reading.info);
  png_set_expand(png);
  if (bits == 8) png_set_scale_16(png);
  if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png);
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reading.info);
  return true;
}

bool read_rows(Reading& reading, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reading.png)) != 0) return false;
  png_read_image(reading.png, rows);
  png_read_end(reading.png, nullptr);
  return true;
}

}  // namespace

template <class Sample>
BasicImage<Sample> decode_png_samples(std::span<const std::byte> bytes,
                                      const std::string& name,
                                      bool has_profile) {
  Reading reading;
  reading.rest = bytes;
  const auto fail = [&] { throw FormatError(name + ": damaged PNG file: " + reading.message); };
  if (!begin(reading, 8 * sizeof(Sample), has_profile)) fail();
  const png_uint_32 width = png_get_image_width(reading.png, reading.info);
  const png_uint_32 height = png_get_image_height(reading.png, reading.info);
  require_sane_size(width, height, name);
  BasicImage<Sample> image(static_cast<int>(width),
                           static_cast<int>(height),
                           png_get_channels(reading.png, reading.info));
  std::vector<png_bytep> rows;
  for (int y = 0; y < image.height(); ++y) {
    rows.push_back(reinterpret_cast<png_bytep>(image.row(y)));
  }
  if (!read_rows(reading, rows.data())) fail();
  return image;
}

template Image decode_png_samples(std::span<const std::byte>, const std::string&, bool);
template Image16 decode_png_samples(std::span<const std::byte>, const std::string&, bool);

}  // namespace impasto
