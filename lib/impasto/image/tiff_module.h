#pragma once

// Private: not installed.

#include "impasto/image/decoders.h"
#include "impasto/image/row_codecs.h"

namespace impasto {

/// What libimpasto_tiff offers. It is a library apart, loaded when a TIFF file is read or written:
/// libtiff brings a dozen shared libraries along, for compressions that hardly any picture has.
struct TiffCodec {
  DecodedImage (*decode)(std::span<const std::byte> bytes, const std::string& name);
  std::vector<std::byte> (*encode)(const Image& image, const WriteOptions& options);
  std::vector<std::byte> (*encode16)(const Image16& image, const WriteOptions& options);
  StoredRows (*open)(const std::filesystem::path& path);
  std::unique_ptr<RowSink> (*create)(const std::filesystem::path& path,
                                     int width,
                                     int height,
                                     int channels,
                                     int sample_bytes,
                                     const WriteOptions& options);
};

/// Called by libimpasto_tiff when it is loaded.
void register_tiff(const TiffCodec& codec);

}  // namespace impasto
