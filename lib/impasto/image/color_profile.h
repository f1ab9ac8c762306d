#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "impasto/base/image.h"

namespace impasto {

/// From the colours of an embedded ICC profile to sRGB, with the profile's own rendering intent.
class ColorTransform {
 public:
  /// Null where there is nothing to convert: no profile, one that is sRGB up to rounding, or one
  /// for neither RGB nor grey (for CMYK: see InkTransform). A damaged one is reported in the log,
  /// with `name`, and passed over.
  static std::unique_ptr<ColorTransform> from_profile(std::span<const std::byte> profile,
                                                      const std::string& name);
  ~ColorTransform();

  /// Converts pixels in place: interleaved RGB, or RGBA, whose alpha stays. Several threads may.
  void apply(std::span<std::uint8_t> pixels, int channels) const;
  void apply(std::span<std::uint16_t> pixels, int channels) const;

 private:
  struct Impl;
  explicit ColorTransform(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
