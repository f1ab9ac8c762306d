#pragma once

// Private: not installed. How numbers of an evaluation are written.

#include <cstddef>
#include <cstdio>
#include <string>

namespace impasto {

/// printf's formats, up to 255 characters.
std::string formatted(const char* pattern, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

/// A loss: four digits.
inline std::string loss_text(double loss) { return formatted("%.4g", loss); }

/// "1 photo", "2 photos"
inline std::string photos_text(std::size_t count) {
  return count == 1 ? "1 photo" : std::to_string(count) + " photos";
}

}  // namespace impasto
