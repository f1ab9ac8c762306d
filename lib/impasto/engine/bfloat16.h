#pragma once

// Private: not installed.

#include <cstdint>
#include <cstring>

namespace impasto::engine {

/// The upper half of a float32.
struct BFloat16 {
  std::uint16_t bits;
};

// Static, so that a kernel file built for a newer processor cannot lend its copy to the rest of the
// library.

static inline float to_float(BFloat16 x) {
  const std::uint32_t bits = static_cast<std::uint32_t>(x.bits) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// Rounded to nearest even. A NaN stays one as long as its payload has room; the networks' values
/// are finite.
static inline BFloat16 to_bfloat16(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return {static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

}  // namespace impasto::engine
