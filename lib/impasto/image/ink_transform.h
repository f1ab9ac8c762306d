#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace impasto {

/// From the inks of CMYK pictures, 0 for none, to sRGB.
class InkTransform {
 public:
  /// By an embedded ICC profile for CMYK, with its own rendering intent. Without one: each channel
  /// is what its ink and the black let through, (1 - ink) (1 - black). So with one that is damaged,
  /// which is reported in the log, with `name`.
  InkTransform(std::span<const std::byte> profile, const std::string& name);
  ~InkTransform();

  /// Interleaved CMYK to as many pixels of RGB. Several threads may.
  void apply(std::span<const std::uint8_t> cmyk, std::uint8_t* rgb) const;
  void apply(std::span<const std::uint16_t> cmyk, std::uint16_t* rgb) const;

 private:
  struct Profiled;
  std::unique_ptr<Profiled> profiled_;  // Null without a profile.
};

}  // namespace impasto
