#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace impasto {

/// From the inks of CMYK pictures, 0 for none, to sRGB.
/// `Sample` is std::uint8_t or std::uint16_t.
template <class Sample>
class InkTransform {
 public:
  /// By an embedded ICC profile for CMYK, with its own rendering intent. Without one: each channel
  /// is what its ink and the black let through, (1 - ink) (1 - black). So with one that is damaged,
  /// which is reported in the log, with `name`.
  InkTransform(std::span<const std::byte> profile, const std::string& name);
  ~InkTransform();
  InkTransform(InkTransform&&) noexcept;

  /// Interleaved CMYK to as many pixels of RGB. Several threads may.
  void apply(std::span<const Sample> cmyk, Sample* rgb) const;

 private:
  struct Profiled;
  std::unique_ptr<Profiled> profiled_;  // Null without a profile.
};

extern template class InkTransform<std::uint8_t>;
extern template class InkTransform<std::uint16_t>;

}  // namespace impasto
