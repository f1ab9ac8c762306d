#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace impasto {

/// A picture as plain pixels: rows from top to bottom without padding, channels interleaved as RGB
/// or RGBA (straight alpha), in sRGB. `Sample` is std::uint8_t or std::uint16_t.
template <class Sample>
class BasicImage {
 public:
  /// Full intensity: 255 or 65535.
  static constexpr int kWhite = std::numeric_limits<Sample>::max();

  /// An empty picture: 0x0, 3 channels.
  BasicImage() = default;

  /// Black (and transparent, with 4 channels). Throws ConfigError unless `width` and `height` are
  /// positive and `channels` is 3 or 4.
  BasicImage(int width, int height, int channels = 3);

  int width() const { return width_; }               ///< In pixels; 0 when empty.
  int height() const { return height_; }             ///< In pixels; 0 when empty.
  int channels() const { return channels_; }         ///< 3 (RGB) or 4 (RGBA).
  bool empty() const { return pixels_.empty(); }     ///< Whether it has no pixels.
  bool has_alpha() const { return channels_ == 4; }  ///< Whether it is RGBA.

  /// All samples: [height][width][channels].
  std::span<Sample> pixels() { return pixels_; }

  /// The same, to read.
  std::span<const Sample> pixels() const { return pixels_; }

  /// The `stride()` samples of row `y`, from 0; not checked.
  Sample* row(int y) { return pixels_.data() + stride() * static_cast<std::size_t>(y); }

  /// The same, to read.
  const Sample* row(int y) const { return pixels_.data() + stride() * static_cast<std::size_t>(y); }

  /// Samples from one row to the next.
  std::size_t stride() const {
    return static_cast<std::size_t>(width_) * static_cast<std::size_t>(channels_);
  }

  /// Whether all fields are equal.
  bool operator==(const BasicImage&) const = default;

 private:
  int width_ = 0;
  int height_ = 0;
  int channels_ = 3;
  std::vector<Sample> pixels_;
};

extern template class BasicImage<std::uint8_t>;
extern template class BasicImage<std::uint16_t>;

/// 8 bits a channel: what everything takes unless it says otherwise.
using Image = BasicImage<std::uint8_t>;

/// 16 bits a channel, for pictures whose files hold as many.
using Image16 = BasicImage<std::uint16_t>;

/// Every sample times 257, so that white stays white.
Image16 to_16_bits(const Image& image);

/// The reverse, rounded to the nearest.
Image to_8_bits(const Image16& image);

/// The colour channels alone.
template <class Sample>
BasicImage<Sample> drop_alpha(const BasicImage<Sample>& image);

/// `rgb` with the alpha channel of `alpha_source`, both of one size. Throws ConfigError where they
/// differ.
template <class Sample>
BasicImage<Sample> with_alpha_of(const BasicImage<Sample>& rgb,
                                 const BasicImage<Sample>& alpha_source);

/// The pictures in a row, left to right, on white with a gap of `gap` pixels between them; alpha is
/// dropped and shorter pictures are centred. Throws ConfigError for an empty list.
Image side_by_side(std::span<const Image> images, int gap = 8);

/// The pictures in rows of `columns`, on white with a gap of `gap` pixels between them; each in the
/// middle of a cell that holds the widest and the highest, alpha dropped. Throws ConfigError for an
/// empty list and for less than one column.
Image contact_sheet(std::span<const Image> images, int columns, int gap = 8);

}  // namespace impasto
