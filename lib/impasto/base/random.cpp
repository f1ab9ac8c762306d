#include "impasto/base/random.h"

namespace impasto {

namespace {

/// 2^64 divided by the golden ratio, odd: what SplitMix64 adds at each step.
constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15;

/// SplitMix64's output function, a bijection of 64 bits in which every input bit moves every output
/// bit.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

CounterRandom::CounterRandom(std::uint64_t seed, std::uint64_t stream)
    : state_(mix(mix(seed) + kGamma * stream)) {}

std::uint64_t CounterRandom::next() {
  state_ += kGamma;
  return mix(state_);
}

double CounterRandom::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

std::uint64_t CounterRandom::below(std::uint64_t bound) {
  // The lowest 2^64 mod bound values are drawn again, so that those left are a multiple of `bound`.
  const std::uint64_t rejected = (0 - bound) % bound;
  while (true) {
    const std::uint64_t value = next();
    if (value >= rejected) return value % bound;
  }
}

}  // namespace impasto
