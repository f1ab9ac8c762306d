#include <cstdio>
// jpeglib.h needs FILE to be declared before it.
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstring>
#include <string_view>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/exif.h"

// OpenCV decodes JPEG too, but fills the rest of a file that is cut short with grey, prints
// libjpeg's warnings on stderr, and takes every CMYK picture for an inverted one.

namespace impasto {
namespace {

struct ErrorHandler {
  jpeg_error_mgr base;  // First: libjpeg hands out a pointer to it.
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  bool file_ended = false;
  bool data_damaged = false;
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
  handler->base.format_message(info, handler->message);
  std::longjmp(handler->jump, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // A trace, not a warning.
  auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
  switch (handler->base.msg_code) {
    case JWRN_JPEG_EOF:
      handler->file_ended = true;
      break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      if (!handler->data_damaged) handler->base.format_message(info, handler->message);
      handler->data_damaged = true;
      break;
    default:
      break;  // Harmless for the pixels, such as stray bytes between segments.
  }
}

struct Decompressor {
  jpeg_decompress_struct info{};
  ErrorHandler handler{};

  Decompressor() {
    info.err = jpeg_std_error(&handler.base);
    handler.base.error_exit = on_error;
    handler.base.emit_message = on_message;
  }
  ~Decompressor() { jpeg_destroy_decompress(&info); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

// The two functions that libjpeg may leave by longjmp: no object in them has a destructor.

bool read_header(Decompressor& jpeg, std::span<const std::byte> bytes) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  jpeg_create_decompress(&jpeg.info);
  jpeg_mem_src(&jpeg.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  constexpr unsigned kLongestMarker = 0xFFFF;
  jpeg_save_markers(&jpeg.info, JPEG_APP0 + 1, kLongestMarker);
  jpeg_read_header(&jpeg.info, TRUE);
  return true;
}

// `rows` points to the rows of a buffer with `output_components` channels.
bool read_pixels(Decompressor& jpeg, JSAMPROW* rows) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  jpeg_start_decompress(&jpeg.info);
  while (jpeg.info.output_scanline < jpeg.info.output_height) {
    const JDIMENSION y = jpeg.info.output_scanline;
    jpeg_read_scanlines(&jpeg.info, rows + y, jpeg.info.output_height - y);
  }
  return true;
}

int orientation_of(const jpeg_decompress_struct& info) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const auto* data = reinterpret_cast<const char*>(marker->data);
    const std::string_view text(data, marker->data_length);
    if (!text.starts_with(kPrefix)) continue;
    return exif_orientation(std::as_bytes(std::span(text)).subspan(kPrefix.size()));
  }
  return 1;
}

// Naive conversion, without a colour profile. Adobe's programs, which write nearly all CMYK files,
// and say so in a marker, store 255 for no ink; the standard stores 0.
Image cmyk_to_rgb(const std::vector<std::uint8_t>& cmyk, int width, int height, bool inverted) {
  Image image(width, height);
  const std::uint8_t* in = cmyk.data();
  const std::uint8_t flip = inverted ? 0 : 255;
  const std::span<std::uint8_t> out = image.pixels();
  for (std::size_t i = 0; i < out.size(); i += 3, in += 4) {
    const int black = in[3] ^ flip;
    for (std::size_t c = 0; c < 3; ++c) {
      out[i + c] = static_cast<std::uint8_t>(((in[c] ^ flip) * black + 127) / 255);
    }
  }
  return image;
}

[[noreturn]] void fail(const Decompressor& jpeg, const std::string& name) {
  if (jpeg.handler.file_ended) throw FormatError(name + ": the JPEG file is cut short");
  throw FormatError(name + ": damaged JPEG file: " + jpeg.handler.message);
}

}  // namespace

DecodedImage decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  Decompressor jpeg;
  if (!read_header(jpeg, bytes)) fail(jpeg, name);
  jpeg_decompress_struct& info = jpeg.info;
  require_sane_size(info.image_width, info.image_height, name);
  const int width = static_cast<int>(info.image_width);
  const int height = static_cast<int>(info.image_height);
  const bool cmyk = info.num_components == 4;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;

  DecodedImage result;
  std::vector<std::uint8_t> inks;
  std::uint8_t* pixels;
  const auto stride = static_cast<std::size_t>(width) * (cmyk ? 4 : 3);
  if (cmyk) {
    inks.resize(stride * static_cast<std::size_t>(height));
    pixels = inks.data();
  } else {
    result.image = Image(width, height);
    pixels = result.image.pixels().data();
  }
  std::vector<JSAMPROW> rows(static_cast<std::size_t>(height));
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = pixels + stride * y;

  if (!read_pixels(jpeg, rows.data()) || jpeg.handler.data_damaged) fail(jpeg, name);
  // A file that ends early between two scans has all its pixels, but coarse ones. With a single
  // scan nothing but the end marker is missing, as some cameras leave it.
  if (jpeg.handler.file_ended && jpeg_has_multiple_scans(&info)) fail(jpeg, name);

  if (cmyk) result.image = cmyk_to_rgb(inks, width, height, info.saw_Adobe_marker);
  result.orientation = orientation_of(info);
  return result;
}

}  // namespace impasto
