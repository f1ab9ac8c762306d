#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <span>

#include "impasto/engine/plan.h"

namespace impasto::engine {

/// The picture that goes in: interleaved bytes, or float32 planes [3][height][width] in [0,255].
struct PictureSource {
  const std::uint8_t* bytes = nullptr;
  int channels = 3;  ///< 3 or 4 bytes a pixel.
  const float* planes = nullptr;
};

/// The picture that comes out: interleaved RGB bytes, rounded and clamped, or float32 planes.
struct PictureTarget {
  std::uint8_t* bytes = nullptr;
  float* planes = nullptr;
};

/// What the tiles of one run share.
struct RunContext {
  const Network& network;
  const Plan& plan;
  const Kernels& kernels;
  std::byte* arena;
  PictureSource source;
  PictureTarget target;
  std::span<const float> style_weights;

  std::byte* output(int stage) const { return arena + plan.stages[stage].output_offset; }
  std::byte* kept(int stage) const { return arena + plan.stages[stage].kept_offset; }

  /// Scale, then shift, of the norm after a stage.
  float* affine(int stage) const {
    return reinterpret_cast<float*>(arena + plan.stages[stage].affine_offset);
  }

  /// A tile's mean, then its squared deviation.
  double* moments(int stage, int tile) const {
    return reinterpret_cast<double*>(arena + plan.stages[stage].moments_offset) +
           static_cast<std::size_t>(tile) * 2 * network.stages[stage].out_channels;
  }
};

/// Grid pixels of one tile: [x0,x1) x [y0,y1).
struct Tile {
  int number;
  int x0, x1;
  int y0, y1;

  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
};

}  // namespace impasto::engine
