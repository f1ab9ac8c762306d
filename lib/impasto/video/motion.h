#pragma once

#include <cstdint>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// For each pixel of a frame, how far away in another frame its content is.
struct FlowField {
  int width = 0;               ///< In pixels.
  int height = 0;              ///< In pixels.
  std::vector<float> xy = {};  ///< [height][width][2]: pixels to the right and down.

  /// Whether it is that of no frame, or of one too small to have one.
  bool empty() const { return xy.empty(); }
};

/// What has moved from one frame of a film to the next.
struct Motion {
  FlowField flow = {};  ///< From each pixel of the later frame to where it was in the earlier one.
  /// [height][width]: 255 where the earlier frame shows what the later one does, 0 where that was
  /// hidden or outside or looked quite different, and what lies between.
  std::vector<std::uint8_t> visible = {};

  /// Whether nothing is known of any motion.
  bool empty() const { return flow.empty(); }
};

/// Where the pixels of `from` are in `to`, by the dense inverse search of OpenCV, preset medium
/// (Kroeger, Timofte, Dai, Van Gool 2016, "Fast Optical Flow using Dense Inverse Search"). Sides
/// are at least 16: the flow of smaller frames is none. Throws ConfigError for frames that differ
/// in size, and IoError where libimpasto_video cannot be loaded, as all of these do.
FlowField optical_flow(const Image& from, const Image& to);

/// The picture that has at each pixel what `image` has where `flow` leads from it: bicubic between
/// pixels, the border's outside. Throws ConfigError where the sizes differ.
Image warp(const Image& image, const FlowField& flow);

/// What Motion::visible is, from the flow of the later frame to the earlier one, `backward`, and
/// that of the earlier to the later: hidden is what one leads away from and the other does not lead
/// back to (Sundaram, Brox, Keutzer 2010, "Dense Point Trajectories by GPU-accelerated Large
/// Displacement Optical Flow", equation 5), and what comes from outside.
std::vector<std::uint8_t> visible_pixels(const FlowField& backward, const FlowField& forward);

/// All of it, for two RGB frames that follow each other. Visible is, besides, only what looks
/// alike: its share falls with the distance d of colours, from 0 to 255 a channel, as e^-(d/20)^2.
Motion motion_between(const Image& earlier, const Image& later);

}  // namespace impasto
