#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace impasto {

/// A picture as plain pixels: 8 bits a channel, rows from top to bottom without padding, channels
/// interleaved as RGB or RGBA (straight alpha), in sRGB.
class Image {
 public:
  /// An empty picture: 0x0, 3 channels.
  Image() = default;

  /// Black (and transparent, with 4 channels). Throws ConfigError unless `width` and `height` are
  /// positive and `channels` is 3 or 4.
  Image(int width, int height, int channels = 3);

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return channels_; }
  bool empty() const { return pixels_.empty(); }
  bool has_alpha() const { return channels_ == 4; }

  std::span<std::uint8_t> pixels() { return pixels_; }
  std::span<const std::uint8_t> pixels() const { return pixels_; }
  std::uint8_t* row(int y) { return pixels_.data() + stride() * static_cast<std::size_t>(y); }
  const std::uint8_t* row(int y) const {
    return pixels_.data() + stride() * static_cast<std::size_t>(y);
  }

  /// Bytes from one row to the next.
  std::size_t stride() const {
    return static_cast<std::size_t>(width_) * static_cast<std::size_t>(channels_);
  }

  bool operator==(const Image&) const = default;

 private:
  int width_ = 0;
  int height_ = 0;
  int channels_ = 3;
  std::vector<std::uint8_t> pixels_;
};

/// The colour channels alone.
Image drop_alpha(const Image& image);

/// `rgb` with the alpha channel of `alpha_source`, both of one size. Throws ConfigError where they
/// differ.
Image with_alpha_of(const Image& rgb, const Image& alpha_source);

/// The pictures in a row, left to right, on white with a gap of `gap` pixels between them; alpha is
/// dropped and shorter pictures are centred. Throws ConfigError for an empty list.
Image side_by_side(std::span<const Image> images, int gap = 8);

}  // namespace impasto
