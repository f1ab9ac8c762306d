#pragma once

// Private: not installed.

#include <cstddef>
#include <vector>

#include "impasto/image/image_io.h"

namespace impasto {

/// One encoder a format, for a picture whose size and channels the format can hold and options that
/// are in range. Empty where the codec failed.
std::vector<std::byte> encode_png(const Image& image, const WriteOptions& options);
std::vector<std::byte> encode_png16(const Image16& image, const WriteOptions& options);
std::vector<std::byte> encode_tiff16(const Image16& image, const WriteOptions& options);
std::vector<std::byte> encode_jpeg(const Image& image, const WriteOptions& options);
std::vector<std::byte> encode_webp(const Image& image, const WriteOptions& options);
std::vector<std::byte> encode_tiff(const Image& image, const WriteOptions& options);
std::vector<std::byte> encode_ppm(const Image& image, const WriteOptions& options);
std::vector<std::byte> encode_bmp(const Image& image, const WriteOptions& options);

}  // namespace impasto
