#include "impasto/engine/moments.h"

#include <algorithm>
#include <cmath>

namespace impasto::engine {

namespace {
constexpr double kEpsilon = 1e-5;  // of instance norm, as in PyTorch
}

void ChannelMoments::merge(double other_count,
                           const double* other_mean,
                           const double* other_deviation,
                           int channels) {
  if (count == 0) {
    std::copy_n(other_mean, channels, mean);
    std::copy_n(other_deviation, channels, deviation);
    count = other_count;
    return;
  }
  const double share = other_count / (count + other_count);
  const double weight = count * share;
  for (int c = 0; c < channels; ++c) {
    const double difference = other_mean[c] - mean[c];
    mean[c] += difference * share;
    deviation[c] += other_deviation[c] + difference * difference * weight;
  }
  count += other_count;
}

void merge_tiles(
    const RunContext& context, int number, int begin, int end, ChannelMoments& moments) {
  const Stage& stage = context.network.stages[number];
  const StagePlan& plan = context.stages[number];
  const int channels = stage.out_channels;
  for (int t = 0; t < plan.tiles_in(begin, end); ++t) {
    const Tile tile = plan.tile_at(t, begin, end);
    const double size = static_cast<double>(tile.width()) * tile.height() * stage.step * stage.step;
    const double* const mean = context.moments(number, t);
    moments.merge(size, mean, mean + channels, channels);
  }
}

void set_affine(const Stage& stage,
                std::span<const float> style_weights,
                const ChannelMoments& moments,
                float* affine) {
  const int channels = stage.out_channels;
  float* const scale = affine;
  float* const shift = affine + channels;
  if (!stage.measured()) {
    std::fill_n(scale, channels, 1.0f);
    std::fill_n(shift, channels, 0.0f);
    return;
  }
  for (int c = 0; c < channels; ++c) {
    double gamma = 0;
    double beta = 0;
    for (std::size_t s = 0; s < style_weights.size(); ++s) {
      gamma += style_weights[s] * stage.norm_scale[s * channels + c];
      beta += style_weights[s] * stage.norm_shift[s * channels + c];
    }
    const double factor = gamma / std::sqrt(moments.deviation[c] / moments.count + kEpsilon);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(beta - moments.mean[c] * factor);
  }
}

void finish_stage(const RunContext& context, int number) {
  const Stage& stage = context.network.stages[number];
  if (stage.path == Path::kOutput) return;
  ChannelMoments moments;
  if (stage.measured()) {
    // Tile 0's slot takes up one tile after the other.
    moments.mean = context.moments(number, 0);
    moments.deviation = moments.mean + stage.out_channels;
    merge_tiles(context, number, 0, context.stages[number].grid.height, moments);
  }
  set_affine(stage, context.style_weights, moments, context.memory[number].affine);
}

}  // namespace impasto::engine
