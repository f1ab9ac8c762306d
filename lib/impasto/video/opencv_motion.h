#pragma once

// Private: not installed.

#include "impasto/video/motion.h"
#include "impasto/video/video_module.h"

namespace impasto {

/// What motion.h says, with OpenCV; the sizes are checked there.
std::vector<FlowField> opencv_flows(std::span<const FramePair> pairs);
Image opencv_warp(const Image& image, const FlowField& flow);
std::vector<std::uint8_t> opencv_visible(const FlowField& backward, const FlowField& forward);

/// [height][width]: how alike two RGB pictures of one size are around each pixel, 255 where they
/// are the same: e^-(d/20)^2 of the distance d between their colours.
std::vector<std::uint8_t> opencv_likeness(const Image& a, const Image& b);

}  // namespace impasto
