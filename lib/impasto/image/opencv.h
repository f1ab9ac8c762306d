#pragma once

#include <cstdint>
#include <opencv2/core/check.hpp>
#include <opencv2/core/mat.hpp>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/image.h"

/// Pictures to and from OpenCV, for applications that link its module `core` themselves: Impasto's
/// own libraries need none of this. Every call copies, so that neither side keeps the other's
/// memory. A cv::Mat holds BGR or BGRA as OpenCV's functions expect, an Image RGB or RGBA; numbers
/// keep their depth, and nothing is scaled.
namespace impasto {
namespace detail {

template <class Sample>
BasicImage<Sample> image_from_mat(const cv::Mat& mat, int depth) {
  const int channels = mat.channels();
  if (mat.empty() || mat.dims != 2 || mat.depth() != depth ||
      (channels != 1 && channels != 3 && channels != 4)) {
    const std::string type = cv::typeToString(CV_MAKETYPE(depth, 1));
    const std::string kind = type.substr(0, type.size() - 1);
    throw ConfigError("cv::Mat: expected a picture of type " + kind + "1, " + kind + "3 or " +
                      kind + "4, found " +
                      (mat.empty() ? "an empty one" : std::string(cv::typeToString(mat.type()))) +
                      (mat.dims > 2 ? " of " + std::to_string(mat.dims) + " dimensions" : ""));
  }
  BasicImage<Sample> image(mat.cols, mat.rows, channels == 4 ? 4 : 3);
  for (int y = 0; y < mat.rows; ++y) {
    const Sample* in = mat.ptr<Sample>(y);
    Sample* out = image.row(y);
    for (int x = 0; x < mat.cols; ++x, in += channels, out += image.channels()) {
      out[0] = in[channels == 1 ? 0 : 2];
      out[1] = in[channels == 1 ? 0 : 1];
      out[2] = in[0];
      if (channels == 4) out[3] = in[3];
    }
  }
  return image;
}

template <class Sample>
cv::Mat mat_from_image(const BasicImage<Sample>& image, int depth) {
  if (image.empty()) return {};
  const int channels = image.channels();
  cv::Mat mat(image.height(), image.width(), CV_MAKETYPE(depth, channels));
  for (int y = 0; y < mat.rows; ++y) {
    const Sample* in = image.row(y);
    Sample* out = mat.ptr<Sample>(y);
    for (int x = 0; x < mat.cols; ++x, in += channels, out += channels) {
      out[0] = in[2];
      out[1] = in[1];
      out[2] = in[0];
      if (channels == 4) out[3] = in[3];
    }
  }
  return mat;
}

}  // namespace detail

/// CV_8UC3 (BGR) and CV_8UC1 (grey, three times) become RGB, CV_8UC4 (BGRA, straight alpha) RGBA.
/// Rows may be padded, as those of a region are. Throws ConfigError for an empty cv::Mat and for
/// any other type: convertTo scales as the application means it.
inline Image image_from_mat(const cv::Mat& mat) {
  return detail::image_from_mat<std::uint8_t>(mat, CV_8U);
}

/// The same of CV_16UC1, CV_16UC3 and CV_16UC4.
inline Image16 image16_from_mat(const cv::Mat& mat) {
  return detail::image_from_mat<std::uint16_t>(mat, CV_16U);
}

/// CV_8UC3 (BGR) or CV_8UC4 (BGRA); an empty cv::Mat for an empty picture.
inline cv::Mat mat_from_image(const Image& image) { return detail::mat_from_image(image, CV_8U); }

/// CV_16UC3 or CV_16UC4.
inline cv::Mat mat_from_image(const Image16& image) {
  return detail::mat_from_image(image, CV_16U);
}

}  // namespace impasto
