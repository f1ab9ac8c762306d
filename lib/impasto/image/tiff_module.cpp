#include "impasto/image/tiff_module.h"

#include "impasto/base/plugin.h"
#include "impasto/image/encoders.h"

namespace impasto {
namespace {

PluginModule<TiffCodec> plugin(IMPASTO_TIFF_LIBRARY, "the codec for TIFF");

}  // namespace

void register_tiff(const TiffCodec& codec) { plugin.set(codec); }

DecodedImage decode_tiff(std::span<const std::byte> bytes, const std::string& name) {
  return plugin.get(name).decode(bytes, name);
}

std::vector<std::byte> encode_tiff(const Image& image, const WriteOptions& options) {
  return plugin.get("picture").encode(image, options);
}

std::vector<std::byte> encode_tiff16(const Image16& image, const WriteOptions& options) {
  return plugin.get("picture").encode16(image, options);
}

StoredRows open_tiff_rows(const std::filesystem::path& path) {
  return plugin.get(path.string()).open(path);
}

std::unique_ptr<RowSink> create_tiff_rows(const std::filesystem::path& path,
                                          int width,
                                          int height,
                                          int channels,
                                          int sample_bytes,
                                          const WriteOptions& options) {
  return plugin.get(path.string()).create(path, width, height, channels, sample_bytes, options);
}

}  // namespace impasto
