#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "impasto/engine/plan.h"

namespace impasto::engine {

/// Rows that lie one behind the other in memory, of which `first` is the first that is there.
struct Rows {
  std::byte* data = nullptr;
  std::size_t stride = 0;  ///< Bytes from one row to the next.
  int first = 0;

  std::byte* operator[](int y) const {
    return data + static_cast<std::ptrdiff_t>(stride) * (y - first);
  }
};

/// Of samples of 16 bits, to one of 8.
constexpr float kWordStep = 257;

/// The picture that goes in: interleaved bytes or samples of 16 bits from row `first` on, or
/// float32 planes [3][height][width] in [0,255].
struct PictureSource {
  const std::uint8_t* bytes = nullptr;
  const std::uint16_t* words = nullptr;
  int channels = 3;  ///< 3 or 4 samples a pixel.
  int first = 0;
  const float* planes = nullptr;
};

/// The picture that comes out: interleaved RGB, in bytes or in samples of 16 bits from row `first`
/// on, rounded and clamped, or float32 planes.
struct PictureTarget {
  std::uint8_t* bytes = nullptr;
  std::uint16_t* words = nullptr;
  int first = 0;
  float* planes = nullptr;
};

/// Where a stage's values lie.
struct StageMemory {
  Rows output;                ///< [out_channels] a pixel, storage type; the last stage has none.
  Rows kept;                  ///< [in_channels] a pixel, storage type: what its source keeps.
  float* affine = nullptr;    ///< [2][out_channels]: scale, then shift, of the norm that follows.
  double* moments = nullptr;  ///< [tiles][2][out_channels]; null: they are known already.
};

/// What the tiles of one run share.
struct RunContext {
  const Network& network;
  const Kernels& kernels;
  Canvas canvas;
  std::span<const StagePlan> stages;
  std::span<const StageMemory> memory;  ///< Of each stage.
  PictureSource source;
  PictureTarget target;
  std::span<const float> style_weights;

  /// Whether the tiles of a stage count their values for the norm that follows.
  bool measures(int stage) const { return memory[stage].moments != nullptr; }

  /// A tile's mean, then its squared deviation.
  double* moments(int stage, int tile) const {
    return memory[stage].moments +
           static_cast<std::size_t>(tile) * 2 * network.stages[stage].out_channels;
  }
};

/// Where a plan puts everything in its arena.
std::vector<StageMemory> memory_of(const Plan& plan,
                                   const Network& network,
                                   const Kernels& kernels,
                                   std::byte* arena);

}  // namespace impasto::engine
