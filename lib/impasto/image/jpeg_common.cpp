#include "impasto/image/jpeg_common.h"

#include <span>
#include <string_view>

#include "impasto/base/error.h"
#include "impasto/image/exif.h"

// OpenCV decodes JPEG too, but fills the rest of a file that is cut short with grey, prints
// libjpeg's warnings on stderr, and takes every CMYK picture for an inverted one.

namespace impasto {
namespace {

[[noreturn]] void on_error(j_common_ptr info) {
  auto* handler = reinterpret_cast<JpegErrors*>(info->err);
  handler->base.format_message(info, handler->message);
  std::longjmp(handler->jump, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // A trace, not a warning.
  auto* handler = reinterpret_cast<JpegErrors*>(info->err);
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

}  // namespace

JpegDecoder::JpegDecoder() {
  info.err = jpeg_std_error(&handler.base);
  handler.base.error_exit = on_error;
  handler.base.emit_message = on_message;
}

void JpegDecoder::fail(const std::string& name) const {
  if (handler.file_ended) throw FormatError(name + ": the JPEG file is cut short");
  throw FormatError(name + ": damaged JPEG file: " + handler.message);
}

int jpeg_orientation(const jpeg_decompress_struct& info) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const auto* data = reinterpret_cast<const char*>(marker->data);
    const std::string_view text(data, marker->data_length);
    if (!text.starts_with(kPrefix)) continue;
    return exif_orientation(std::as_bytes(std::span(text)).subspan(kPrefix.size()));
  }
  return 1;
}

void set_no_ink_to_0(const jpeg_decompress_struct& info, std::span<std::uint8_t> cmyk) {
  if (!info.saw_Adobe_marker) return;
  for (std::uint8_t& ink : cmyk) ink = static_cast<std::uint8_t>(255 - ink);
}

}  // namespace impasto
