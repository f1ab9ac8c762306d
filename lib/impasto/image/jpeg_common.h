#pragma once

// Private: not installed.

#include <cstdio>
// jpeglib.h needs FILE to be declared before it.
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstdint>
#include <string>

namespace impasto {

/// libjpeg's errors, which leave it by longjmp, and those of its warnings that matter.
struct JpegErrors {
  jpeg_error_mgr base;  // First: libjpeg hands out a pointer to it.
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  bool file_ended = false;
  bool data_damaged = false;
};

/// A decoder whose functions may be called after `setjmp(jpeg.handler.jump)`, where no object with
/// a destructor is between the two.
struct JpegDecoder {
  jpeg_decompress_struct info{};
  JpegErrors handler{};

  JpegDecoder();
  ~JpegDecoder() { jpeg_destroy_decompress(&info); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  /// Throws FormatError that says what the handler has met.
  [[noreturn]] void fail(const std::string& name) const;
};

/// EXIF's, from the markers that were saved; 1 without any.
int jpeg_orientation(const jpeg_decompress_struct& info);

/// A row of CMYK as RGB. `inverted`: 255 is no ink.
void cmyk_row_to_rgb(const std::uint8_t* cmyk, int pixels, bool inverted, std::uint8_t* rgb);

}  // namespace impasto
