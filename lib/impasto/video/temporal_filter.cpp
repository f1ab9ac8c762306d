#include "impasto/video/temporal_filter.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "impasto/base/error.h"
#include "impasto/video/video_module.h"

namespace impasto {
namespace {

/// `now` with as much of `past` as `share` and `visible` say.
Image mixed(const Image& now,
            const Image& past,
            const std::vector<std::uint8_t>& visible,
            double share) {
  Image result(now.width(), now.height());
  const auto a = now.pixels(), b = past.pixels();
  const auto to = result.pixels();
  const float scale = static_cast<float>(share / 255);
  for (std::size_t pixel = 0, i = 0; pixel < visible.size(); ++pixel) {
    const float weight = scale * static_cast<float>(visible[pixel]);
    for (const std::size_t end = i + 3; i < end; ++i) {
      const float from = a[i], difference = static_cast<float>(b[i]) - from;
      to[i] = static_cast<std::uint8_t>(from + weight * difference + 0.5F);
    }
  }
  return result;
}

}  // namespace

void TemporalOptions::validate() const {
  const auto check = [](const char* name, double share) {
    if (share >= 0 && share <= 1) return;
    throw ConfigError(std::string("temporal ") + name + ": expected a share from 0 to 1, found " +
                      std::to_string(share));
  };
  check("input", input);
  check("output", output);
}

TemporalFilter::TemporalFilter(const TemporalOptions& options) : options_(options) {
  options_.validate();
}

Image TemporalFilter::before(const Image& frame) {
  const bool follows = frame_.width() == frame.width() && frame_.height() == frame.height();
  const Motion motion = follows ? motion_between(frame_, frame) : Motion();
  frame_ = frame;
  return before(frame, motion);
}

Image TemporalFilter::before(const Image& frame, const Motion& motion) {
  motion_ = motion;
  if (motion_.empty() || result_.empty()) {
    motion_ = {};
    input_ = frame;
    return input_;
  }
  result_ = warp(result_, motion_.flow);
  input_ = mixed(frame, warp(input_, motion_.flow), motion_.visible, options_.input);
  return input_;
}

Image TemporalFilter::after(const Image& styled) {
  if (styled.width() != input_.width() || styled.height() != input_.height()) {
    throw ConfigError("temporal filter: expected the result of a frame, of its size");
  }
  if (motion_.empty()) {
    result_ = styled;
  } else {
    result_ = mixed(styled, result_, motion_.visible, options_.output);
    video_module("temporal filter").restore_detail(result_, styled, motion_.visible);
  }
  return result_;
}

}  // namespace impasto
