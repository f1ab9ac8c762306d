#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// How pictures are read.
struct ReadOptions {
  /// Return RGBA where the file has transparency; else it is laid on white.
  bool keep_alpha = false;
};

/// What a picture file says of the picture, as its blocks are stored. Not the colour profile:
/// pixels are converted to sRGB.
struct Metadata {
  std::vector<std::byte> exif = {};  ///< A TIFF structure, CIPA DC-008.
  std::vector<std::byte> xmp = {};   ///< XML text.

  /// Whether there is neither block.
  bool empty() const { return exif.empty() && xmp.empty(); }

  /// Whether all fields are equal.
  bool operator==(const Metadata&) const = default;
};

/// How pictures are written; each format takes what concerns it.
struct WriteOptions {
  int jpeg_quality = 95;    ///< 1 to 100.
  int webp_quality = 90;    ///< 1 to 100; 101 is lossless.
  int png_compression = 3;  ///< 0 (fast) to 9 (small).
  /// Written into JPEG, PNG, WebP and TIFF files; JPEG holds blocks of up to 64 kB. What a format
  /// does not hold is left out, with a warning in the log.
  Metadata metadata = {};

  /// Throws ConfigError for a value out of range.
  void validate() const;
};

/// Reads JPEG, PNG, WebP, TIFF, PPM or BMP, told apart by content, as 8-bit RGB: EXIF orientation
/// is applied; grey, CMYK, palette and 16-bit pictures are converted. So are the colours of an
/// embedded ICC profile for RGB, grey or CMYK, to sRGB; a damaged profile is passed over with a
/// warning. Without one, CMYK becomes (1 - ink) (1 - black) for red, green and blue.
/// Throws IoError when the file cannot be opened and FormatError when it is no picture, is damaged
/// or is cut short.
Image read_image(const std::filesystem::path& path, const ReadOptions& options = {});

/// The same from memory; `name` stands for the path in messages.
Image decode_image(std::span<const std::byte> bytes,
                   const std::string& name,
                   const ReadOptions& options = {});

/// A picture as finely as its file stores it, and what the file says besides.
struct Picture {
  std::variant<Image, Image16> pixels;  ///< 16 bits a channel of such PNG and TIFF files alone.
  /// Of JPEG, PNG, WebP and TIFF files; of the last, EXIF holds the tags that describe the picture,
  /// IPTC among them. The picture stands upright, and so the EXIF block says.
  Metadata metadata;
};

/// As read_image, but that PNG and TIFF files of 16 bits a channel keep them.
Picture read_picture(const std::filesystem::path& path, const ReadOptions& options = {});

/// The same from memory; `name` stands for the path in messages.
Picture decode_picture(std::span<const std::byte> bytes,
                       const std::string& name,
                       const ReadOptions& options = {});

/// The format follows from the extension: .png, .jpg, .jpeg, .webp, .tif, .tiff, .ppm, .bmp, in any
/// case. Written atomically. Alpha is kept in PNG, WebP and TIFF and laid on white in the others.
/// TIFF is compressed without loss (Deflate). Throws ConfigError for another extension, for options
/// out of range and for a picture larger than the format allows, and IoError when it cannot be
/// written.
void write_image(const std::filesystem::path& path,
                 const Image& image,
                 const WriteOptions& options = {});

/// The same into memory; `extension` with its dot.
std::vector<std::byte> encode_image(const std::string& extension,
                                    const Image& image,
                                    const WriteOptions& options = {});

/// The same of 16 bits a channel, which PNG and TIFF keep; the others store 8.
void write_image(const std::filesystem::path& path,
                 const Image16& image,
                 const WriteOptions& options = {});

/// The same into memory.
std::vector<std::byte> encode_image(const std::string& extension,
                                    const Image16& image,
                                    const WriteOptions& options = {});

/// Whether write_image knows the extension.
bool is_writable_format(const std::filesystem::path& path);

/// Throws ConfigError unless write_image knows the extension: asked before long work.
void require_writable_format(const std::filesystem::path& path);

/// Whether the extension is one of `picture_extensions()`, in any case.
bool is_picture_file(const std::filesystem::path& path);

/// What a folder of photos is searched for: ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif",
/// ".tiff", ".ppm".
const std::vector<std::string>& picture_extensions();

}  // namespace impasto
