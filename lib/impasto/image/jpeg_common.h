#pragma once

// Private: not installed.

#include <cstdio>
// jpeglib.h needs FILE to be declared before it.
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstdint>
#include <span>
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

/// What libjpeg gives of a CMYK or YCCK file with 0 for no ink, in place. Adobe's programs, which
/// write nearly all such files, and say so in a marker, store 255 for it; the standard stores 0.
void set_no_ink_to_0(const jpeg_decompress_struct& info, std::span<std::uint8_t> cmyk);

}  // namespace impasto
