#include "impasto/image/tiff_module.h"

#include <mutex>
#include <optional>

#include "impasto/base/error.h"
#include "impasto/base/plugin.h"
#include "impasto/image/encoders.h"

namespace impasto {
namespace {

std::optional<TiffCodec> registered;  // Written while the module is loaded, under the mutex.

const TiffCodec& tiff(const std::string& name) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!registered) {
    try {
      load_plugin(beside_this_library(IMPASTO_TIFF_LIBRARY));
    } catch (const IoError& error) {
      throw IoError(name + ": cannot load the codec for TIFF: " + error.what() +
                    "; keep " IMPASTO_TIFF_LIBRARY " beside libimpasto_core");
    }
  }
  if (!registered) throw IoError(name + ": " IMPASTO_TIFF_LIBRARY " holds no codec for TIFF");
  return *registered;
}

}  // namespace

void register_tiff(const TiffCodec& codec) { registered = codec; }

DecodedImage decode_tiff(std::span<const std::byte> bytes, const std::string& name) {
  return tiff(name).decode(bytes, name);
}

std::vector<std::byte> encode_tiff(const Image& image, const WriteOptions& options) {
  return tiff("picture").encode(image, options);
}

std::vector<std::byte> encode_tiff16(const Image16& image, const WriteOptions& options) {
  return tiff("picture").encode16(image, options);
}

StoredRows open_tiff_rows(const std::filesystem::path& path) {
  return tiff(path.string()).open(path);
}

std::unique_ptr<RowSink> create_tiff_rows(const std::filesystem::path& path,
                                          int width,
                                          int height,
                                          int channels,
                                          int sample_bytes,
                                          const WriteOptions& options) {
  return tiff(path.string()).create(path, width, height, channels, sample_bytes, options);
}

}  // namespace impasto
