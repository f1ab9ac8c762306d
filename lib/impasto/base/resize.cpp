#include "impasto/base/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/error.h"

namespace impasto {
namespace {

/// What the pixels of a scaled axis are made of: for each, consecutive input pixels and their
/// shares, which add up to 1. The pixels of a tile go on at its first one after its last.
struct Axis {
  struct Taps {
    int first;
    std::vector<float> shares;
  };
  std::vector<Taps> pixels;
};

/// Each output pixel takes what its area covers of the input.
Axis shrunk(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  Axis axis;
  for (int i = 0; i < to; ++i) {
    const double begin = i * scale, end = std::min((i + 1) * scale, static_cast<double>(from));
    Axis::Taps taps{static_cast<int>(begin), {}};
    for (int k = taps.first; k < end; ++k) {
      const double covered = std::min(end, k + 1.0) - std::max(begin, static_cast<double>(k));
      taps.shares.push_back(static_cast<float>(covered / (end - begin)));
    }
    axis.pixels.push_back(std::move(taps));
  }
  return axis;
}

constexpr int kLobes = 4;

double lanczos(double x) {
  if (x == 0) return 1;
  if (std::abs(x) >= kLobes) return 0;
  const double a = std::numbers::pi * x;
  return kLobes * std::sin(a) * std::sin(a / kLobes) / (a * a);
}

/// The window beyond the border is left out, and the shares of the rest are scaled up.
Axis enlarged(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  Axis axis;
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale - 0.5;
    const int nearest = static_cast<int>(std::floor(centre));
    Axis::Taps taps{std::max(nearest - kLobes + 1, 0), {}};
    const int last = std::min(nearest + kLobes, from - 1);
    double sum = 0;
    for (int k = taps.first; k <= last; ++k) sum += lanczos(k - centre);
    for (int k = taps.first; k <= last; ++k) {
      taps.shares.push_back(static_cast<float>(lanczos(k - centre) / sum));
    }
    axis.pixels.push_back(std::move(taps));
  }
  return axis;
}

/// The window beyond the border lies in the next copy of the picture.
Axis scaled_tile(int from, int to) {
  const double scale = static_cast<double>(from) / to, width = std::max(scale, 1.0);
  Axis axis;
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale - 0.5;
    const int first = static_cast<int>(std::ceil(centre - kLobes * width));
    Axis::Taps taps{(first % from + from) % from, {}};
    double sum = 0;
    for (int k = first; k <= centre + kLobes * width; ++k) {
      taps.shares.push_back(static_cast<float>(lanczos((k - centre) / width)));
      sum += taps.shares.back();
    }
    for (float& share : taps.shares) share = static_cast<float>(share / sum);
    axis.pixels.push_back(std::move(taps));
  }
  return axis;
}

Axis scaled_axis(int from, int to) { return to < from ? shrunk(from, to) : enlarged(from, to); }

/// Adds a row of pixels times `share`; with alpha, colours are weighted by it.
template <class Sample>
void add_row(const Sample* row, float share, int channels, std::vector<float>& sum) {
  if (channels == 3) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share * row[i];
    return;
  }
  for (std::size_t i = 0; i < sum.size(); i += 4) {
    const float alpha = share * row[i + 3];
    for (std::size_t c = 0; c < 3; ++c) sum[i + c] += alpha * row[i + c];
    sum[i + 3] += alpha;
  }
}

template <class Sample>
Sample rounded(float value) {
  constexpr float kWhite = BasicImage<Sample>::kWhite;
  return static_cast<Sample>(std::clamp(value, 0.0F, kWhite) + 0.5F);
}

template <class Sample>
void write_pixel(const std::vector<float>& row, const Axis::Taps& taps, int channels, Sample* out) {
  float sum[4] = {};
  const float* in = row.data() + static_cast<std::ptrdiff_t>(taps.first) * channels;
  const float* const end = row.data() + row.size();
  for (const float share : taps.shares) {
    if (in == end) in = row.data();
    for (int c = 0; c < channels; ++c) sum[c] += share * in[c];
    in += channels;
  }
  if (channels == 4) {
    for (int c = 0; c < 3; ++c) sum[c] = sum[3] > 0 ? sum[c] / sum[3] : 0;
  }
  for (int c = 0; c < channels; ++c) out[c] = rounded<Sample>(sum[c]);
}

template <class Sample>
BasicImage<Sample> resized(const BasicImage<Sample>& image, const Axis& columns, const Axis& rows) {
  const int channels = image.channels();
  BasicImage<Sample> result(
      static_cast<int>(columns.pixels.size()), static_cast<int>(rows.pixels.size()), channels);
  std::vector<float> sum(image.stride());
  for (int y = 0; y < result.height(); ++y) {
    const Axis::Taps& taps = rows.pixels[static_cast<std::size_t>(y)];
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (std::size_t k = 0; k < taps.shares.size(); ++k) {
      const int row = (taps.first + static_cast<int>(k)) % image.height();
      add_row(image.row(row), taps.shares[k], channels, sum);
    }
    Sample* out = result.row(y);
    for (const Axis::Taps& column : columns.pixels) {
      write_pixel(sum, column, channels, out);
      out += channels;
    }
  }
  return result;
}

int scaled_side(int side, int from, int to) {
  const double exact = static_cast<double>(side) * to / from;
  return std::max(1, static_cast<int>(std::lround(exact)));
}

template <class Sample>
void require_picture(const BasicImage<Sample>& image, int side) {
  if (image.empty()) throw ConfigError("resize: expected a picture, found an empty one");
  if (side < 1) {
    throw ConfigError("resize: expected a side of at least 1 pixel, found " + std::to_string(side));
  }
}

}  // namespace

template <class Sample>
BasicImage<Sample> resize(const BasicImage<Sample>& image, int width, int height) {
  require_picture(image, std::min(width, height));
  if (width == image.width() && height == image.height()) return image;
  return resized(image, scaled_axis(image.width(), width), scaled_axis(image.height(), height));
}

template <class Sample>
BasicImage<Sample> resize_tile(const BasicImage<Sample>& image, int width, int height) {
  require_picture(image, std::min(width, height));
  if (width == image.width() && height == image.height()) return image;
  return resized(image, scaled_tile(image.width(), width), scaled_tile(image.height(), height));
}

template <class Sample>
BasicImage<Sample> resize_short_side(const BasicImage<Sample>& image, int side) {
  require_picture(image, side);
  const int from = std::min(image.width(), image.height());
  return resize(
      image, scaled_side(image.width(), from, side), scaled_side(image.height(), from, side));
}

template <class Sample>
BasicImage<Sample> limit_long_side(const BasicImage<Sample>& image, int side) {
  require_picture(image, side);
  const int from = std::max(image.width(), image.height());
  if (from <= side) return image;
  return resize(
      image, scaled_side(image.width(), from, side), scaled_side(image.height(), from, side));
}

template Image resize(const Image&, int, int);
template Image16 resize(const Image16&, int, int);
template Image resize_tile(const Image&, int, int);
template Image16 resize_tile(const Image16&, int, int);
template Image resize_short_side(const Image&, int);
template Image16 resize_short_side(const Image16&, int);
template Image limit_long_side(const Image&, int);
template Image16 limit_long_side(const Image16&, int);

}  // namespace impasto
