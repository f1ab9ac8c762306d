#pragma once

// Private: not installed.

#include "impasto/image/decoders.h"

namespace impasto {

/// What libimpasto_opencv offers. It is a library apart, loaded when a file or a caption needs it:
/// OpenCV's codecs bring well over a hundred shared libraries along, which take longer to load than
/// a picture takes to stylize.
struct OpenCvModule {
  DecodedImage (*bmp)(std::span<const std::byte> bytes, const std::string& name);
  Image (*caption)(const Image& image, const std::string& text);
};

/// Called by libimpasto_opencv when it is loaded.
void register_opencv(const OpenCvModule& functions);

}  // namespace impasto
