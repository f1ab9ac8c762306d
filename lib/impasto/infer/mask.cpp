#include "impasto/infer/mask.h"

#include <algorithm>
#include <string>

#include "impasto/base/error.h"
#include "impasto/infer/luma.h"

namespace impasto {
namespace {

/// Each value becomes the mean of those up to `radius` away along a line of `count` values that lie
/// `step` apart; past the ends the last value goes on.
void average_line(
    std::uint8_t* line, int count, std::size_t step, int radius, std::vector<std::uint8_t>& copy) {
  copy.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) copy[i] = line[i * step];
  const auto at = [&](int i) { return std::uint64_t{copy[std::clamp(i, 0, count - 1)]}; };
  const std::uint64_t window = 2 * static_cast<std::uint64_t>(radius) + 1;
  std::uint64_t sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += at(i);
  for (int i = 0; i < count; ++i) {
    line[i * step] = static_cast<std::uint8_t>((sum + window / 2) / window);
    sum += at(i + radius + 1) - at(i - radius);
  }
}

}  // namespace

Mask::Mask(const Image& picture) : width_(picture.width()), height_(picture.height()) {
  if (picture.empty()) throw ConfigError("mask: expected a picture, found an empty one");
  const auto channels = static_cast<std::size_t>(picture.channels());
  values_.reserve(picture.pixels().size() / channels);
  for (int y = 0; y < height_; ++y) {
    const std::uint8_t* pixel = picture.row(y);
    for (int x = 0; x < width_; ++x, pixel += channels) {
      const float alpha = picture.has_alpha() ? static_cast<float>(pixel[3]) / 255.0F : 1.0F;
      values_.push_back(static_cast<std::uint8_t>(luma(pixel) * alpha + 0.5F));
    }
  }
}

Mask Mask::feathered(int radius) const {
  if (radius < 0) {
    throw ConfigError("feather: expected at least 0 pixels, found " + std::to_string(radius));
  }
  Mask result = *this;
  if (covers_all()) return result;
  // Two running means are a triangular window, which has no corners in its slope.
  const auto width = static_cast<std::size_t>(width_);
  std::vector<std::uint8_t> copy;
  for (const int part : {radius / 2, radius - radius / 2}) {
    if (part == 0) continue;
    for (int y = 0; y < height_; ++y) {
      average_line(result.values_.data() + y * width, width_, 1, part, copy);
    }
    for (int x = 0; x < width_; ++x) {
      average_line(result.values_.data() + x, height_, width, part, copy);
    }
  }
  return result;
}

}  // namespace impasto
