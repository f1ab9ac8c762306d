#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "impasto/video/video_io.h"

/// Frame `i` of a film in which every frame and every half of it can be told apart: the left half
/// gets redder and the right half loses blue from frame to frame.
inline impasto::Image film_frame(int i, int width = 64, int height = 48) {
  impasto::Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      const bool left = x < width / 2;
      pixel[0] = static_cast<std::uint8_t>(left ? 20 + 8 * (i % 28) : 40);
      pixel[1] = static_cast<std::uint8_t>(left ? 60 : 120);
      pixel[2] = static_cast<std::uint8_t>(left ? 30 : 240 - 8 * (i % 28));
    }
  }
  return image;
}

/// Writes the first `frames` of them; .avi is MJPEG.
inline void write_film(const std::filesystem::path& path,
                       int frames,
                       double frame_rate = 25,
                       int width = 64,
                       int height = 48) {
  const auto film = impasto::create_video(path, width, height, frame_rate);
  for (int i = 0; i < frames; ++i) film->write(film_frame(i, width, height));
  film->finish();
}

inline std::vector<impasto::Image> read_frames(const std::filesystem::path& path) {
  std::vector<impasto::Image> frames;
  const auto film = impasto::open_video(path);
  while (auto frame = film->read()) frames.push_back(std::move(*frame));
  return frames;
}
