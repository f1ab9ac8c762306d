#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "impasto/base/row_stream.h"
#include "impasto/image/image_io.h"
#include "impasto/video/motion.h"
#include "impasto/video/video_io.h"

namespace impasto::cli {

/// The size of a picture of either depth.
struct Size {
  int width = 0;
  int height = 0;

  bool operator==(const Size&) const = default;
};

inline Size size_of(const Picture& picture) {
  return std::visit(
      [](const auto& image) {
        return Size{image.width(), image.height()};
      },
      picture.pixels);
}

/// The picture with 8 bits a channel.
inline Image shallow(Picture picture) {
  auto* const deep = std::get_if<Image16>(&picture.pixels);
  return deep != nullptr ? to_8_bits(*deep) : std::get<Image>(std::move(picture.pixels));
}

/// A photo as it goes to the network.
struct LoadedPhoto {
  std::filesystem::path file;
  Picture picture;                         ///< Empty where there are rows.
  std::unique_ptr<RowSource> rows;         ///< Of a picture that does not fit in memory, or null.
  std::unique_ptr<VideoReader> film = {};  ///< Where it is no picture but a film, or null.
  /// Of a frame since the one before, empty for the first, where flicker is to be reduced.
  std::optional<Motion> motion = {};
  Size stored;  ///< Of the file's picture, before it was scaled.
};

}  // namespace impasto::cli
