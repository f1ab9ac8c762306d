#pragma once

// Private: not installed. The members of TiffCodec, by libtiff.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "impasto/image/tiff_module.h"

namespace impasto::tiff {

std::vector<std::byte> encode(const Image& image, const WriteOptions& options);
std::vector<std::byte> encode16(const Image16& image, const WriteOptions& options);
std::unique_ptr<RowSink> create(const std::filesystem::path& path,
                                int width,
                                int height,
                                int channels,
                                int sample_bytes,
                                const WriteOptions& options);

}  // namespace impasto::tiff
