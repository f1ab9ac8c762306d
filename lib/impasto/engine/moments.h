#pragma once

// Private: not installed.

#include <span>

#include "impasto/engine/run_context.h"

namespace impasto::engine {

/// Count, mean and squared deviation from it, of many values in each of some channels.
struct ChannelMoments {
  double count = 0;
  double* mean = nullptr;       ///< [channels]
  double* deviation = nullptr;  ///< [channels]

  /// Takes up the moments of other values (Chan, Golub, LeVeque 1979).
  void merge(double other_count,
             const double* other_mean,
             const double* other_deviation,
             int channels);
};

/// Takes up the moments of a stage's tiles in the grid rows [begin, end), in their order.
void merge_tiles(const RunContext& context, int stage, int begin, int end, ChannelMoments& moments);

/// Scale and shift of the norm after a stage, for values of these moments; `affine` is
/// [2][out_channels]. No change where no norm follows.
void set_affine(const Stage& stage,
                std::span<const float> style_weights,
                const ChannelMoments& moments,
                float* affine);

/// What has to happen once between a stage's tiles and those of the next: merges the tiles' moments
/// and turns them into the scale and shift of the norm that follows.
void finish_stage(const RunContext& context, int stage);

}  // namespace impasto::engine
