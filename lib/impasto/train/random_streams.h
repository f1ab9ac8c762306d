#pragma once

// Private: not installed.

#include <cstdint>

#include "impasto/base/random.h"

namespace impasto {

/// What a random number decides. Each use has streams of its own, so that adding a draw to one
/// cannot change another.
enum class RandomUse : std::uint64_t { kOrder = 1, kReplacement, kAugmentation, kStyle };

/// The random numbers of `sample` for `use`: a function of its arguments alone.
inline CounterRandom random_stream(std::int64_t seed, RandomUse use, std::uint64_t sample) {
  CounterRandom of_use(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(use));
  return CounterRandom(of_use.next(), sample);
}

}  // namespace impasto
