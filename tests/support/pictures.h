#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "impasto/base/image.h"

/// The colour of one pixel, three or four numbers.
using Pixel = std::vector<int>;

inline Pixel pixel_at(const impasto::Image& image, int x, int y) {
  const std::uint8_t* first = image.row(y) + static_cast<std::ptrdiff_t>(x) * image.channels();
  return {first, first + image.channels()};
}

inline int largest_difference(const Pixel& a, const Pixel& b) {
  if (a.size() != b.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

inline int largest_difference(const impasto::Image& a, const impasto::Image& b) {
  if (a.width() != b.width() || a.height() != b.height() || a.channels() != b.channels()) {
    return 256;
  }
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels()[i]} - int{b.pixels()[i]}));
  }
  return largest;
}

/// Of two pictures of one size.
inline double mean_difference(const impasto::Image& a, const impasto::Image& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i) {
    sum += std::abs(int{a.pixels()[i]} - int{b.pixels()[i]});
  }
  return sum / static_cast<double>(a.pixels().size());
}

/// A file of tests/golden/pictures; make_pictures.py there says what each one shows.
inline std::filesystem::path golden_picture(const std::string& name) {
  return std::filesystem::path(IMPASTO_SOURCE_DIR) / "tests/golden/pictures" / name;
}

/// A smooth picture without symmetry: every pixel tells where it is.
inline impasto::Image gradient(int width, int height, int channels = 3) {
  impasto::Image image(width, height, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = image.row(y) + static_cast<std::ptrdiff_t>(x) * channels;
      pixel[0] = static_cast<std::uint8_t>(255 * x / std::max(1, width - 1));
      pixel[1] = static_cast<std::uint8_t>(255 * y / std::max(1, height - 1));
      pixel[2] = static_cast<std::uint8_t>(128);
      if (channels == 4)
        pixel[3] = static_cast<std::uint8_t>(64 + 127 * (x + y) / (width + height));
    }
  }
  return image;
}
