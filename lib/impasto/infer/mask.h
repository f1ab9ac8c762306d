#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "impasto/base/image.h"

namespace impasto {

/// How much of a style each pixel of a picture takes: 0 none, 255 all of it.
class Mask {
 public:
  /// Everything, of a picture of any size.
  Mask() = default;

  /// White is inside, black outside, grey between them; transparency takes pixels out.
  explicit Mask(const Image& picture);

  int width() const { return width_; }                 ///< In pixels; 0 where it covers all.
  int height() const { return height_; }               ///< In pixels; 0 where it covers all.
  bool covers_all() const { return values_.empty(); }  ///< Whether it is the default.

  /// The `width()` values of row `y`, from 0; not for a mask that covers all.
  const std::uint8_t* row(int y) const {
    return values_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
  }

  /// The same with soft edges: over `radius` pixels on either side of an edge, what is inside
  /// fades to what is outside. Nothing changes farther away than that. Throws ConfigError for a
  /// negative radius.
  Mask feathered(int radius) const;

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> values_;
};

}  // namespace impasto
