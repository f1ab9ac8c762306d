#include "impasto/engine/filter.h"

namespace impasto::engine {

namespace {

/// G of F(4x4, 3x3) for the points 0, 1, -1, 2, -2 and infinity: Lavin and Gray 2016, section 4.1.
constexpr double kFilterTransform[kWinogradIn][3] = {{1.0 / 4, 0, 0},
                                                     {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                                     {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                                     {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                                     {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                                     {0, 0, 1}};

/// The small pixel, 0 or 1 in the phase's 2-wide window, under tap `k` of the enlarged picture.
int nearest_tap(int parity, int k) { return (parity + k + 1) / 2 - parity; }

}  // namespace

Filter nearest_phase(const Filter& filter, int y, int x) {
  Filter phase(filter.out, filter.in, 2, 2);
  for (int o = 0; o < filter.out; ++o) {
    for (int i = 0; i < filter.in; ++i) {
      for (int ky = 0; ky < 3; ++ky) {
        for (int kx = 0; kx < 3; ++kx) {
          phase.at(o, i, nearest_tap(y, ky), nearest_tap(x, kx)) += filter.at(o, i, ky, kx);
        }
      }
    }
  }
  return phase;
}

Filter transposed_phase(const Filter& filter, int y, int x) {
  // Output 2i + parity meets input i through tap 1 (even), or i through tap 2 and i + 1 through tap
  // 0 (odd).
  const auto tap = [](int parity, int k) { return parity == 0 ? 1 : 2 - 2 * k; };
  Filter phase(filter.out, filter.in, 1 + y, 1 + x);
  for (int o = 0; o < filter.out; ++o) {
    for (int i = 0; i < filter.in; ++i) {
      for (int ky = 0; ky < phase.rows; ++ky) {
        for (int kx = 0; kx < phase.columns; ++kx) {
          phase.at(o, i, ky, kx) = filter.at(o, i, tap(y, ky), tap(x, kx));
        }
      }
    }
  }
  return phase;
}

Filter shuffle_phase(const Filter& filter, int y, int x) {
  Filter phase(filter.out / 4, filter.in, filter.rows, filter.columns);
  for (int o = 0; o < phase.out; ++o) {
    for (int i = 0; i < filter.in; ++i) {
      for (int ky = 0; ky < filter.rows; ++ky) {
        for (int kx = 0; kx < filter.columns; ++kx) {
          phase.at(o, i, ky, kx) = filter.at(o * 4 + y * 2 + x, i, ky, kx);
        }
      }
    }
  }
  return phase;
}

Filter rows_as_channels(const Filter& filter) {
  Filter wide(filter.rows * filter.out, filter.in, 1, filter.columns);
  for (int o = 0; o < filter.out; ++o) {
    for (int i = 0; i < filter.in; ++i) {
      for (int ky = 0; ky < filter.rows; ++ky) {
        for (int kx = 0; kx < filter.columns; ++kx) {
          wide.at(ky * filter.out + o, i, 0, kx) = filter.at(o, i, ky, kx);
        }
      }
    }
  }
  return wide;
}

Buffer pack_direct(const Filter& filter,
                   const std::vector<int>& in_channels,
                   int out_channels,
                   const Kernels& kernels) {
  const int pixel = static_cast<int>(in_channels.size());
  const int depth = filter.columns * pixel;
  std::vector<float> weights(static_cast<std::size_t>(filter.rows) * depth * out_channels);
  float* next = weights.data();
  for (int ky = 0; ky < filter.rows; ++ky) {
    for (int kx = 0; kx < filter.columns; ++kx) {
      for (const int i : in_channels) {
        for (int o = 0; o < filter.out && i >= 0; ++o) next[o] = filter.at(o, i, ky, kx);
        next += out_channels;
      }
    }
  }
  Buffer packed(kernels.packed_size(filter.rows, depth, out_channels));
  kernels.pack(weights.data(), filter.rows, depth, out_channels, packed.data());
  return packed;
}

Buffer pack_winograd(const Filter& filter,
                     const std::vector<int>& in_channels,
                     int out_channels,
                     const Kernels& kernels) {
  const int depth = static_cast<int>(in_channels.size());
  const std::size_t matrix = static_cast<std::size_t>(depth) * out_channels;
  std::vector<float> points(kWinogradPoints * matrix);
  // One input channel at a time, its output channels side by side.
  const std::size_t out = filter.out;
  std::vector<double> taps(9 * out);
  std::vector<double> half(kWinogradIn * 3 * out);  // G times the filter
  for (int k = 0; k < depth; ++k) {
    if (in_channels[k] < 0) continue;
    for (std::size_t o = 0; o < out; ++o) {
      for (int t = 0; t < 9; ++t) {
        taps[t * out + o] = filter.at(static_cast<int>(o), in_channels[k], t / 3, t % 3);
      }
    }
    for (int p = 0; p < kWinogradIn; ++p) {
      const double* const g = kFilterTransform[p];
      for (std::size_t i = 0; i < 3 * out; ++i) {
        half[p * 3 * out + i] =
            g[0] * taps[i] + g[1] * taps[3 * out + i] + g[2] * taps[6 * out + i];
      }
    }
    for (int point = 0; point < kWinogradPoints; ++point) {
      const double* const row = half.data() + point / kWinogradIn * 3 * out;
      const double* const g = kFilterTransform[point % kWinogradIn];
      float* const target =
          points.data() + point * matrix + static_cast<std::size_t>(k) * out_channels;
      for (std::size_t o = 0; o < out; ++o) {
        target[o] =
            static_cast<float>(row[o] * g[0] + row[out + o] * g[1] + row[2 * out + o] * g[2]);
      }
    }
  }
  const std::size_t point_size = kernels.packed_size(1, depth, out_channels);
  Buffer packed(kWinogradPoints * point_size);
  for (int p = 0; p < kWinogradPoints; ++p) {
    kernels.pack(
        points.data() + p * matrix, 1, depth, out_channels, packed.data() + p * point_size);
  }
  return packed;
}

}  // namespace impasto::engine
