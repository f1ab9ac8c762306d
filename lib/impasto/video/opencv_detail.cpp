#include "impasto/video/opencv_detail.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "impasto/video/opencv_mat.h"

namespace impasto {
namespace {

/// A binomial filter in both directions, its taps `step` pixels apart, as the stationary wavelet
/// transform has it (Shensa 1992, "The Discrete Wavelet Transform: Wedding the a Trous and Mallat
/// Algorithms"). Borders are repeated.
template <std::size_t taps>
cv::Mat filtered(const cv::Mat& image, const std::array<float, taps>& binomial, int step) {
  cv::Mat kernel = cv::Mat::zeros(1, static_cast<int>(taps - 1) * step + 1, CV_32F);
  for (std::size_t i = 0; i < taps; ++i) kernel.at<float>(static_cast<int>(i) * step) = binomial[i];
  cv::Mat result;
  cv::sepFilter2D(
      image, result, CV_32F, kernel, kernel, cv::Point(-1, -1), 0, cv::BORDER_REPLICATE);
  return result;
}

/// A picture's next band of details; what is left of it takes the picture's place.
cv::Mat take_details(cv::Mat& image, int step) {
  cv::Mat rest = filtered(image, std::array{0.25F, 0.5F, 0.25F}, step);
  cv::Mat details = image - rest;
  image = std::move(rest);
  return details;
}

/// [height][width]: of the details around each pixel, over a standard deviation of `step` pixels.
cv::Mat energy(const cv::Mat& details, int step) {
  return filtered(
      squared_lengths(details), std::array{0.0625F, 0.25F, 0.375F, 0.25F, 0.0625F}, step);
}

}  // namespace

void opencv_restore_detail(Image& mixed,
                           const Image& styled,
                           const std::vector<std::uint8_t>& visible) {
  constexpr float kMore = 1.15F, kMost = 3, kNothing = 1e-3F;
  cv::Mat rest, model, result;
  mat_of(mixed).convertTo(rest, CV_32F);
  mat_of(styled).convertTo(model, CV_32F);
  result = rest.clone();
  for (const int step : {1, 2}) {
    const cv::Mat details = take_details(rest, step);
    const cv::Mat found = energy(details, step), wanted = energy(take_details(model, step), step);
    for (int y = 0; y < result.rows; ++y) {
      const auto* share =
          visible.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(result.cols);
      const auto *is = found.ptr<float>(y), *should = wanted.ptr<float>(y);
      const auto* from = details.ptr<cv::Vec3f>(y);
      auto* to = result.ptr<cv::Vec3f>(y);
      for (int x = 0; x < result.cols; ++x) {
        const float missing = std::sqrt(should[x] / std::max(is[x], kNothing)) - 1;
        const float gain = std::clamp(kMore * missing, 0.0F, kMost - 1);
        to[x] += gain * static_cast<float>(share[x]) / 255 * from[x];
      }
    }
  }
  cv::Mat to = mat_of(mixed);
  result.convertTo(to, CV_8U);
}

}  // namespace impasto
