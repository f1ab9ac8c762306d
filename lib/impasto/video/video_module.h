#pragma once

// Private: not installed.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "impasto/video/motion.h"
#include "impasto/video/video_io.h"

namespace impasto {

/// A stream of frames into a file, without the care that VideoWriter takes of it.
class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;
  virtual void write(const Image& frame) = 0;
  /// Writes the file's index. What went wrong is not told: see whether the file can be read.
  virtual void close() = 0;
};

/// Two frames of one size, both alive.
struct FramePair {
  const Image* from = nullptr;
  const Image* to = nullptr;
};

/// What libimpasto_video offers. It is a library apart, loaded for the first film: OpenCV's videoio
/// brings some two hundred shared libraries along.
struct VideoModule {
  std::unique_ptr<VideoReader> (*open_film)(const std::filesystem::path& path);
  std::unique_ptr<VideoReader> (*open_camera)(int index);
  /// Null where there is no such encoder, or it cannot write there. Sides are even.
  std::unique_ptr<VideoEncoder> (*encode)(const std::filesystem::path& path,
                                          VideoCodec codec,
                                          int width,
                                          int height,
                                          double frame_rate);
  /// At the same time where there are processors for it.
  std::vector<FlowField> (*optical_flows)(std::span<const FramePair> pairs);
  Image (*warp)(const Image& image, const FlowField& flow);
  std::vector<std::uint8_t> (*visible_pixels)(const FlowField& backward, const FlowField& forward);
  std::vector<std::uint8_t> (*likeness)(const Image& a, const Image& b);
  void (*restore_detail)(Image& mixed,
                         const Image& styled,
                         const std::vector<std::uint8_t>& visible);
};

/// Called by libimpasto_video when it is loaded.
void register_video(const VideoModule& functions);

/// Loads it if need be; `name` begins the message of the IoError where that fails.
const VideoModule& video_module(const std::string& name);

}  // namespace impasto
