#include "impasto/image/opencv_module.h"

#include <mutex>
#include <optional>

#include "impasto/base/error.h"
#include "impasto/base/plugin.h"

namespace impasto {
namespace {

std::optional<OpenCvDecoders> registered;  // Written while the module is loaded, under the mutex.

const OpenCvDecoders& opencv(const std::string& name) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!registered) {
    try {
      load_plugin(beside_this_library(IMPASTO_OPENCV_LIBRARY));
    } catch (const IoError& error) {
      throw IoError(name + ": cannot load the decoder for this format: " + error.what() +
                    "; keep " IMPASTO_OPENCV_LIBRARY " beside libimpasto_core");
    }
  }
  if (!registered) {
    throw IoError(name + ": " IMPASTO_OPENCV_LIBRARY " holds no decoder for this format");
  }
  return *registered;
}

}  // namespace

void register_opencv(const OpenCvDecoders& decoders) { registered = decoders; }

DecodedImage decode_bmp(std::span<const std::byte> bytes, const std::string& name) {
  return opencv(name).bmp(bytes, name);
}

}  // namespace impasto
