#include "impasto/image/opencv_module.h"

#include <mutex>
#include <optional>

#include "impasto/base/error.h"
#include "impasto/base/plugin.h"
#include "impasto/image/caption.h"

namespace impasto {
namespace {

std::optional<OpenCvModule> registered;  // Written while the module is loaded, under the mutex.

const OpenCvModule& opencv(const std::string& name) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!registered) {
    try {
      load_plugin(beside_this_library(IMPASTO_OPENCV_LIBRARY));
    } catch (const IoError& error) {
      throw IoError(name + ": cannot load OpenCV: " + error.what() +
                    "; keep " IMPASTO_OPENCV_LIBRARY " beside libimpasto_core");
    }
  }
  if (!registered) {
    throw IoError(name + ": " IMPASTO_OPENCV_LIBRARY " is no library of Impasto");
  }
  return *registered;
}

}  // namespace

void register_opencv(const OpenCvModule& module) { registered = module; }

DecodedImage decode_bmp(std::span<const std::byte> bytes, const std::string& name) {
  return opencv(name).bmp(bytes, name);
}

Image captioned(const Image& image, const std::string& text) {
  if (image.empty()) throw ConfigError("caption: expected a picture, found an empty one");
  return opencv("caption").caption(image, text);
}

}  // namespace impasto
