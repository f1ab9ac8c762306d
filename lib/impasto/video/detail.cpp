#include "impasto/video/detail.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace impasto {
namespace {

/// [height][width][3] without details: the filter 1 4 6 4 1 in both directions, borders repeated.
std::vector<float> smooth(const Image& image) {
  constexpr std::array kFilter = {1.0F / 16, 4.0F / 16, 6.0F / 16, 4.0F / 16, 1.0F / 16};
  constexpr int kReach = 2;
  const int width = image.width(), height = image.height();
  const std::size_t stride = 3 * static_cast<std::size_t>(width);
  std::vector<float> result(stride * static_cast<std::size_t>(height));
  std::vector<float> column(stride);
  for (int y = 0; y < height; ++y) {
    std::fill(column.begin(), column.end(), 0.0F);
    for (int k = 0; k < 5; ++k) {
      const std::uint8_t* row = image.row(std::clamp(y + k - kReach, 0, height - 1));
      for (std::size_t i = 0; i < stride; ++i) column[i] += kFilter[k] * static_cast<float>(row[i]);
    }
    float* to = result.data() + stride * static_cast<std::size_t>(y);
    for (int x = 0; x < width; ++x) {
      for (int k = 0; k < 5; ++k) {
        const auto from = static_cast<std::size_t>(3 * std::clamp(x + k - kReach, 0, width - 1));
        for (std::size_t c = 0; c < 3; ++c) to[3 * x + c] += kFilter[k] * column[from + c];
      }
    }
  }
  return result;
}

/// Of what `low` leaves out of `image`, weighted by pixel.
double energy(const Image& image,
              const std::vector<float>& low,
              const std::vector<std::uint8_t>& weights) {
  const auto values = image.pixels();
  double sum = 0;
  for (std::size_t pixel = 0, i = 0; pixel < weights.size(); ++pixel) {
    float square = 0;
    for (const std::size_t end = i + 3; i < end; ++i) {
      const float detail = static_cast<float>(values[i]) - low[i];
      square += detail * detail;
    }
    sum += static_cast<double>(square) * weights[pixel];
  }
  return sum;
}

}  // namespace

void restore_detail(Image& mixed, const Image& styled, const std::vector<std::uint8_t>& visible) {
  constexpr double kMost = 1.5;
  const std::vector<float> low = smooth(mixed);
  const double left = energy(mixed, low, visible);
  if (left <= 0) return;
  const double gain = std::sqrt(energy(styled, smooth(styled), visible) / left);
  const auto more = static_cast<float>(std::clamp(gain, 1.0, kMost) - 1) / 255;
  const auto values = mixed.pixels();
  for (std::size_t pixel = 0, i = 0; pixel < visible.size(); ++pixel) {
    const float share = more * static_cast<float>(visible[pixel]);
    for (const std::size_t end = i + 3; i < end; ++i) {
      const float value = static_cast<float>(values[i]);
      values[i] = static_cast<std::uint8_t>(
          std::clamp(value + share * (value - low[i]) + 0.5F, 0.0F, 255.0F));
    }
  }
}

}  // namespace impasto
