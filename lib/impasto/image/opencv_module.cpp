#include "impasto/image/opencv_module.h"

#include "impasto/base/error.h"
#include "impasto/base/plugin.h"
#include "impasto/image/caption.h"

namespace impasto {
namespace {

PluginModule<OpenCvModule> plugin(IMPASTO_OPENCV_LIBRARY, "OpenCV");

}  // namespace

void register_opencv(const OpenCvModule& functions) { plugin.set(functions); }

DecodedImage decode_bmp(std::span<const std::byte> bytes, const std::string& name) {
  return plugin.get(name).bmp(bytes, name);
}

Image captioned(const Image& image, const std::string& text) {
  if (image.empty()) throw ConfigError("caption: expected a picture, found an empty one");
  return plugin.get("caption").caption(image, text);
}

}  // namespace impasto
