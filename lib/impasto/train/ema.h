#pragma once

// Private: not installed.

#include <cstdint>

#include "impasto/nn/generator.h"

namespace impasto {

/// What the decay of an exponential moving average is for its update number `n` (from 0):
/// min(decay, (1 + n) / (10 + n)), so that the random weights of the beginning are forgotten fast
/// (as TensorFlow's ExponentialMovingAverage does).
double ema_decay(double decay, std::int64_t n);

/// average <- decay average + (1 - decay) weights, of every parameter; buffers are copied.
void update_ema(Generator& average, const Generator& generator, double decay);

}  // namespace impasto
