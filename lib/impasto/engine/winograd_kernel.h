#pragma once

// Private: not installed.

// The transforms of F(4x4, 3x3), a vector of channels at a time, for whatever vector simd.h has.

#include "impasto/engine/pixel_kernels.h"

namespace impasto::engine {
namespace {

/// One dimension of B^T d B: Lavin and Gray, equation 22 (points 0, 1, -1, 2, -2 and infinity).
inline void transform_input(const Vec d[6], Vec out[6]) {
  const Vec two = broadcast(2.0f);
  const Vec four = broadcast(4.0f);
  const Vec five = broadcast(5.0f);
  const Vec even = sub(d[4], mul(four, d[2]));  // d4 - 4 d2
  const Vec odd = sub(d[3], mul(four, d[1]));   // d3 - 4 d1
  const Vec near = sub(d[4], d[2]);
  const Vec far = mul(two, sub(d[3], d[1]));
  out[0] = add(fma(four, d[0], d[4]), sub(zero(), mul(five, d[2])));
  out[1] = add(even, odd);
  out[2] = sub(even, odd);
  out[3] = add(near, far);
  out[4] = sub(near, far);
  out[5] = add(fma(four, d[1], d[5]), sub(zero(), mul(five, d[3])));
}

void winograd_input(const WinogradInputArgs& args) {
  for (int t = 0; t < args.tiles; ++t) {
    for (int c = 0; c < args.channels; c += kLanes) {
      const std::ptrdiff_t first =
          static_cast<std::ptrdiff_t>(t) * kWinogradOut * args.channels + c;
      Vec columns[6][6];  // [column][point], transformed down the rows
      for (int x = 0; x < 6; ++x) {
        Vec d[6];
        for (int y = 0; y < 6; ++y) d[y] = load(args.rows[y] + first + x * args.channels);
        transform_input(d, columns[x]);
      }
      float* out = args.out + static_cast<std::ptrdiff_t>(t) * args.channels + c;
      for (int y = 0; y < 6; ++y) {
        Vec d[6];
        Vec point[6];
        for (int x = 0; x < 6; ++x) d[x] = columns[x][y];
        transform_input(d, point);
        for (int x = 0; x < 6; ++x) store(out + (y * 6 + x) * args.point_stride, point[x]);
      }
    }
  }
}

/// One dimension of A^T m A.
inline void transform_output(const Vec m[6], Vec out[4]) {
  const Vec near = add(m[1], m[2]);
  const Vec near_odd = sub(m[1], m[2]);
  const Vec far = add(m[3], m[4]);
  const Vec far_odd = sub(m[3], m[4]);
  out[0] = add(m[0], add(near, far));
  out[1] = fma(broadcast(2.0f), far_odd, near_odd);
  out[2] = fma(broadcast(4.0f), far, near);
  out[3] = add(fma(broadcast(8.0f), far_odd, near_odd), m[5]);
}

template <typename Storage>
void winograd_output(const WinogradOutputArgs& args) {
  for (int c = 0; c < args.channels; c += kLanes) {
    const Vec bias = args.bias != nullptr ? load(args.bias + c) : zero();
    VectorMoments moments;
    if (args.moments != nullptr && !args.set_pivot) moments.pivot = load(args.pivot + c);
    for (int t = 0; t < args.tiles; ++t) {
      const float* products = args.products + static_cast<std::ptrdiff_t>(t) * args.channels + c;
      Vec columns[6][4];
      for (int x = 0; x < 6; ++x) {
        Vec m[6];
        for (int y = 0; y < 6; ++y) m[y] = load(products + (y * 6 + x) * args.point_stride);
        transform_output(m, columns[x]);
      }
      const int left = args.columns - t * kWinogradOut;
      const int width = left < kWinogradOut ? left : kWinogradOut;
      for (int y = 0; y < args.rows; ++y) {
        Vec m[6];
        Vec pixel[4];
        for (int x = 0; x < 6; ++x) m[x] = columns[x][y];
        transform_output(m, pixel);
        Storage* out = static_cast<Storage*>(args.target) + y * args.row_stride +
                       t * kWinogradOut * args.pixel_stride + c;
        for (int x = 0; x < width; ++x) {
          const Vec value = add(pixel[x], bias);
          if (args.set_pivot && t == 0 && y == 0 && x == 0) {
            moments.pivot = value;
            store(args.pivot + c, value);
          }
          if (args.moments != nullptr) moments.count(value);
          store(out + x * args.pixel_stride, value);
        }
      }
    }
    if (args.moments != nullptr) moments.add_to(*args.moments, c);
  }
}

}  // namespace
}  // namespace impasto::engine
