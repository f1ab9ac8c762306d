#include "impasto/infer/guided_enlarge.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/resize.h"
#include "impasto/infer/luma.h"

namespace impasto {
namespace {

/// Pixels of the small picture on each side over which the linear model holds.
constexpr int kRadius = 4;
/// Variance below which brightness counts as flat, as a share of white: no detail is trusted to
/// follow it.
constexpr double kFlat = 0.02 * 0.02;

struct Plane {
  int width;
  int height;
  std::vector<float> values = std::vector<float>(static_cast<std::size_t>(width) * height);

  float* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
  const float* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
};

/// Each value becomes the mean of those up to kRadius away, along a line of `count` values that lie
/// `step` apart; past the ends there is nothing.
void average_line(float* line, int count, std::size_t step, std::vector<double>& sums) {
  sums.assign(1, 0.0);
  for (int i = 0; i < count; ++i) sums.push_back(sums.back() + line[i * step]);
  for (int i = 0; i < count; ++i) {
    const int begin = std::max(i - kRadius, 0), end = std::min(i + kRadius + 1, count);
    line[i * step] = static_cast<float>((sums[end] - sums[begin]) / (end - begin));
  }
}

Plane averaged(Plane plane) {
  std::vector<double> sums;
  for (int y = 0; y < plane.height; ++y) average_line(plane.row(y), plane.width, 1, sums);
  for (int x = 0; x < plane.width; ++x) {
    average_line(plane.values.data() + x, plane.height, plane.width, sums);
  }
  return plane;
}

template <class Combine>
Plane combined(const Plane& a, const Plane& b, const Combine& combine) {
  Plane result{a.width, a.height};
  std::ranges::transform(a.values, b.values, result.values.begin(), combine);
  return result;
}

/// In shares of white.
template <class Sample, class Value>
Plane plane_of(const BasicImage<Sample>& image, const Value& value) {
  Plane plane{image.width(), image.height()};
  const Sample* pixel = image.pixels().data();
  for (float& out : plane.values) {
    out = value(pixel) / BasicImage<Sample>::kWhite;
    pixel += 3;
  }
  return plane;
}

/// cov(guide, plane) / (var(guide) + kFlat), over windows.
Plane slope_of(const Plane& guide,
               const Plane& guide_mean,
               const Plane& variance,
               const Plane& plane) {
  const auto times = [](float a, float b) { return a * b; };
  const auto minus = [](float a, float b) { return a - b; };
  const Plane products = averaged(combined(guide, plane, times));
  const Plane means = combined(guide_mean, averaged(plane), times);
  const Plane covariance = combined(products, means, minus);
  return averaged(combined(
      covariance, variance, [](float c, float v) { return static_cast<float>(c / (v + kFlat)); }));
}

/// Bilinear interpolation along one axis: between `first` and the next, by `share`.
struct Between {
  int first;
  int second;
  float share;

  Between(int i, int from, int to) {
    const double position = std::clamp((i + 0.5) * to / from - 0.5, 0.0, to - 1.0);
    first = static_cast<int>(position);
    second = std::min(first + 1, to - 1);
    share = static_cast<float>(position - first);
  }
};

}  // namespace

template <class Sample>
BasicImage<Sample> guided_enlarge(const BasicImage<Sample>& small,
                                  const BasicImage<Sample>& photo) {
  if (small.has_alpha() || photo.has_alpha()) {
    throw ConfigError("guided_enlarge: expected RGB, found RGB with alpha");
  }
  const int width = photo.width(), height = photo.height();
  const BasicImage<Sample> small_photo = resize(photo, small.width(), small.height());
  const Plane guide = plane_of(small_photo, luma<Sample>);
  const Plane guide_mean = averaged(guide);
  const auto times = [](float a, float b) { return a * b; };
  const Plane variance =
      combined(averaged(combined(guide, guide, times)),
               combined(guide_mean, guide_mean, times),
               [](float square, float mean) { return std::max(square - mean, 0.0F); });
  std::vector<Plane> slopes;
  for (int c = 0; c < 3; ++c) {
    const Plane channel =
        plane_of(small, [c](const Sample* pixel) { return static_cast<float>(pixel[c]); });
    slopes.push_back(slope_of(guide, guide_mean, variance, channel));
  }

  BasicImage<Sample> result = resize(small, width, height);
  const BasicImage<Sample> coarse = resize(small_photo, width, height);
  std::vector<Between> columns;
  for (int x = 0; x < width; ++x) columns.emplace_back(x, width, small.width());
  std::vector<float> slope_row(static_cast<std::size_t>(small.width()));
  for (int y = 0; y < height; ++y) {
    const Between rows(y, height, small.height());
    for (int c = 0; c < 3; ++c) {
      const float* above = slopes[c].row(rows.first);
      const float* below = slopes[c].row(rows.second);
      for (int x = 0; x < small.width(); ++x) {
        slope_row[x] = above[x] + rows.share * (below[x] - above[x]);
      }
      Sample* out = result.row(y) + c;
      const Sample* fine = photo.row(y);
      const Sample* blurred = coarse.row(y);
      for (int x = 0; x < width; ++x, out += 3, fine += 3, blurred += 3) {
        const auto& [first, second, share] = columns[x];
        const float slope = slope_row[first] + share * (slope_row[second] - slope_row[first]);
        const float value = static_cast<float>(*out) + slope * (luma(fine) - luma(blurred));
        constexpr float kWhite = BasicImage<Sample>::kWhite;
        *out = static_cast<Sample>(std::clamp(value, 0.0F, kWhite) + 0.5F);
      }
    }
  }
  return result;
}

template Image guided_enlarge(const Image&, const Image&);
template Image16 guided_enlarge(const Image16&, const Image16&);

}  // namespace impasto
