#include "impasto/video/opencv_motion.h"

#include <algorithm>
#include <cstddef>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "impasto/video/opencv_mat.h"

namespace impasto {
namespace {

cv::Mat mat_of(const FlowField& flow) {
  return {flow.height, flow.width, CV_32FC2, const_cast<float*>(flow.xy.data())};
}

cv::Mat grey(const Image& image) {
  cv::Mat result;
  cv::cvtColor(mat_of(image), result, cv::COLOR_RGB2GRAY);
  return result;
}

/// Where `flow` leads, in pixels of the other frame.
cv::Mat targets(const FlowField& flow) {
  cv::Mat map = mat_of(flow).clone();
  for (int y = 0; y < map.rows; ++y) {
    auto* row = map.ptr<cv::Vec2f>(y);
    for (int x = 0; x < map.cols; ++x) {
      row[x] += cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
    }
  }
  return map;
}

FlowField flow_between(const Image& from, const Image& to) {
  FlowField flow{.width = from.width(), .height = from.height()};
  flow.xy.resize(static_cast<std::size_t>(flow.width) * static_cast<std::size_t>(flow.height) * 2);
  constexpr int kSmallestSide = 16;  // OpenCV's patches are 8 wide, on half the size.
  if (std::min(flow.width, flow.height) < kSmallestSide) return flow;
  const cv::Ptr<cv::DISOpticalFlow> search =
      cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
  cv::Mat result = mat_of(flow);
  search->calc(grey(from), grey(to), result);
  return flow;
}

}  // namespace

std::vector<FlowField> opencv_flows(std::span<const FramePair> pairs) {
  std::vector<FlowField> flows(pairs.size());
  // Inside of this loop OpenCV starts no threads of its own: the search has hundreds of short
  // steps, each of which would wait for the slowest of them, and very long where there is other
  // work to do.
  cv::parallel_for_(cv::Range(0, static_cast<int>(pairs.size())), [&](const cv::Range& range) {
    for (int i = range.start; i < range.end; ++i) {
      const auto& [from, to] = pairs[static_cast<std::size_t>(i)];
      flows[static_cast<std::size_t>(i)] = flow_between(*from, *to);
    }
  });
  return flows;
}

Image opencv_warp(const Image& image, const FlowField& flow) {
  Image result(image.width(), image.height(), image.channels());
  cv::Mat to = mat_of(result);
  cv::remap(mat_of(image), to, targets(flow), cv::noArray(), cv::INTER_CUBIC, cv::BORDER_REPLICATE);
  return result;
}

std::vector<std::uint8_t> opencv_visible(const FlowField& backward, const FlowField& forward) {
  const int width = backward.width, height = backward.height;
  const cv::Mat to = targets(backward), there = mat_of(backward);
  cv::Mat back;
  cv::remap(mat_of(forward), back, to, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);

  std::vector<std::uint8_t> visible(static_cast<std::size_t>(width) *
                                    static_cast<std::size_t>(height));
  cv::Mat mask(height, width, CV_8U, visible.data());
  const cv::Point2f last = cv::Point(width - 1, height - 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto &a = there.at<cv::Vec2f>(y, x), &b = back.at<cv::Vec2f>(y, x);
      const auto& target = to.at<cv::Vec2f>(y, x);
      const bool inside =
          target[0] >= 0 && target[1] >= 0 && target[0] <= last.x && target[1] <= last.y;
      const cv::Vec2f sum = a + b;
      const bool returns = sum.dot(sum) <= 0.01F * (a.dot(a) + b.dot(b)) + 0.5F;
      mask.at<std::uint8_t>(y, x) = inside && returns ? 255 : 0;
    }
  }
  // The flow is least sure beside what is hidden; a hard edge would show.
  cv::erode(mask, mask, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3)));
  constexpr double kSoftness = 1.5;  // pixels
  cv::GaussianBlur(mask, mask, cv::Size(), kSoftness);
  return visible;
}

std::vector<std::uint8_t> opencv_likeness(const Image& a, const Image& b) {
  constexpr double kSoftness = 2;    // pixels
  constexpr double kTolerance = 20;  // Distance between colours that leaves a share of 1/e.
  cv::Mat difference;
  cv::absdiff(mat_of(a), mat_of(b), difference);
  difference.convertTo(difference, CV_32F, 1 / kTolerance);
  cv::Mat distance = squared_lengths(difference);
  cv::GaussianBlur(distance, distance, cv::Size(), kSoftness);
  cv::exp(-distance, distance);
  std::vector<std::uint8_t> likeness(static_cast<std::size_t>(distance.rows) *
                                     static_cast<std::size_t>(distance.cols));
  cv::Mat result(distance.rows, distance.cols, CV_8U, likeness.data());
  distance.convertTo(result, CV_8U, 255);
  return likeness;
}

}  // namespace impasto
