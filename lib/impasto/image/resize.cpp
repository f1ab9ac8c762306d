#include "impasto/image/resize.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "impasto/base/error.h"

namespace impasto {
namespace {

cv::Mat scaled(const cv::Mat& source, int width, int height) {
  // OpenCV averages areas only where both axes shrink, so each kind gets a pass of its own.
  cv::Mat result = source;
  const cv::Size shrunk(std::min(width, source.cols), std::min(height, source.rows));
  if (shrunk != result.size()) cv::resize(result, result, shrunk, 0, 0, cv::INTER_AREA);
  const cv::Size size(width, height);
  if (size != result.size()) cv::resize(result, result, size, 0, 0, cv::INTER_LANCZOS4);
  return result;
}

// Averages colour x alpha and alpha, then divides.
cv::Mat scaled_with_alpha(const cv::Mat& source, int width, int height) {
  cv::Mat weighted;
  source.convertTo(weighted, CV_32F);
  weighted.forEach<cv::Vec4f>([](cv::Vec4f& pixel, const int*) {
    for (int c = 0; c < 3; ++c) pixel[c] *= pixel[3];
  });
  weighted = scaled(weighted, width, height);
  weighted.forEach<cv::Vec4f>([](cv::Vec4f& pixel, const int*) {
    const float alpha = pixel[3];
    for (int c = 0; c < 3; ++c) pixel[c] = alpha > 0 ? pixel[c] / alpha : 0;
  });
  cv::Mat result;
  weighted.convertTo(result, CV_8U);
  return result;
}

int scaled_side(int side, int from, int to) {
  const double exact = static_cast<double>(side) * to / from;
  return std::max(1, static_cast<int>(std::lround(exact)));
}

void require_picture(const Image& image, int side) {
  if (image.empty()) throw ConfigError("resize: expected a picture, found an empty one");
  if (side < 1) {
    throw ConfigError("resize: expected a side of at least 1 pixel, found " + std::to_string(side));
  }
}

}  // namespace

Image resize(const Image& image, int width, int height) {
  require_picture(image, std::min(width, height));
  if (width == image.width() && height == image.height()) return image;
  const cv::Mat source(image.height(),
                       image.width(),
                       CV_8UC(image.channels()),
                       const_cast<std::uint8_t*>(image.pixels().data()));
  Image result(width, height, image.channels());
  cv::Mat target(height, width, CV_8UC(image.channels()), result.pixels().data());
  const cv::Mat pixels =
      image.has_alpha() ? scaled_with_alpha(source, width, height) : scaled(source, width, height);
  pixels.copyTo(target);
  return result;
}

Image resize_short_side(const Image& image, int side) {
  require_picture(image, side);
  const int from = std::min(image.width(), image.height());
  return resize(
      image, scaled_side(image.width(), from, side), scaled_side(image.height(), from, side));
}

Image limit_long_side(const Image& image, int side) {
  require_picture(image, side);
  const int from = std::max(image.width(), image.height());
  if (from <= side) return image;
  return resize(
      image, scaled_side(image.width(), from, side), scaled_side(image.height(), from, side));
}

}  // namespace impasto
