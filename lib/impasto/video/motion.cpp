#include "impasto/video/motion.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/video/video_module.h"

namespace impasto {
namespace {

void require_one_size(const char* what, int width, int height, int other_width, int other_height) {
  if (width == other_width && height == other_height) return;
  const auto text = [](int w, int h) { return std::to_string(w) + "x" + std::to_string(h); };
  throw ConfigError(std::string(what) + ": expected one size, found " + text(width, height) +
                    " and " + text(other_width, other_height));
}

}  // namespace

FlowField optical_flow(const Image& from, const Image& to) {
  require_one_size("optical flow", from.width(), from.height(), to.width(), to.height());
  const FramePair pair{&from, &to};
  return video_module("optical flow").optical_flows({&pair, 1}).front();
}

Image warp(const Image& image, const FlowField& flow) {
  require_one_size("warp", image.width(), image.height(), flow.width, flow.height);
  return video_module("warp").warp(image, flow);
}

std::vector<std::uint8_t> visible_pixels(const FlowField& backward, const FlowField& forward) {
  require_one_size(
      "visible pixels", backward.width, backward.height, forward.width, forward.height);
  return video_module("visible pixels").visible_pixels(backward, forward);
}

Motion motion_between(const Image& earlier, const Image& later) {
  require_one_size(
      "optical flow", earlier.width(), earlier.height(), later.width(), later.height());
  const std::array<FramePair, 2> pairs{{{&later, &earlier}, {&earlier, &later}}};
  std::vector<FlowField> flows = video_module("optical flow").optical_flows(pairs);
  std::vector<std::uint8_t> visible = visible_pixels(flows[0], flows[1]);
  const auto likeness = video_module("motion").likeness(later, warp(earlier, flows[0]));
  for (std::size_t i = 0; i < visible.size(); ++i) {
    visible[i] = static_cast<std::uint8_t>(visible[i] * likeness[i] / 255);
  }
  return {.flow = std::move(flows[0]), .visible = std::move(visible)};
}

}  // namespace impasto
