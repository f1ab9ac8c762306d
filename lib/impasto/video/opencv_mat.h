#pragma once

// Private: not installed.

#include <opencv2/core.hpp>

#include "impasto/base/image.h"

namespace impasto {

/// The pixels of `image`, in its own order of channels, not a copy of them.
inline cv::Mat mat_of(Image& image) {
  return {image.height(), image.width(), CV_8UC(image.channels()), image.row(0)};
}

/// The same, to be read only: OpenCV has no view that cannot be written.
inline cv::Mat mat_of(const Image& image) { return mat_of(const_cast<Image&>(image)); }

/// [height][width]: the squared length of each pixel of `colors`, [height][width][3] in float32.
inline cv::Mat squared_lengths(const cv::Mat& colors) {
  cv::Mat squares, sum;
  cv::multiply(colors, colors, squares);
  cv::transform(squares, sum, cv::Matx13f::ones());
  return sum;
}

}  // namespace impasto
