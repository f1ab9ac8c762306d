#pragma once

// Private: not installed.

#include <cstdint>
#include <opencv2/core.hpp>

#include "impasto/base/image.h"

namespace impasto {

/// The pixels of `image`, in its own order of channels, not a copy of them.
inline cv::Mat mat_of(Image& image) {
  return {image.height(), image.width(), CV_8UC(image.channels()), image.row(0)};
}

/// The same, to be read only: OpenCV has no view that cannot be written.
inline cv::Mat mat_of(const Image& image) {
  return {image.height(),
          image.width(),
          CV_8UC(image.channels()),
          const_cast<std::uint8_t*>(image.row(0))};
}

}  // namespace impasto
