#include "impasto/train/sampler.h"

#include <bit>

#include "impasto/base/random.h"

namespace impasto {
namespace {

// With the one-bit halves of a tiny set, fewer rounds leave some orders unlikely.
constexpr std::uint64_t kRounds = 8;

std::uint64_t permute(std::uint64_t value, std::uint64_t key, int half_bits) {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
  std::uint64_t left = value >> half_bits;
  std::uint64_t right = value & mask;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    CounterRandom random(key + round, right);
    const std::uint64_t mixed = left ^ (random.next() & mask);
    left = right;
    right = mixed;
  }
  return left << half_bits | right;
}

}  // namespace

Sampler::Sampler(std::size_t pictures, std::uint64_t seed)
    : pictures_(pictures),
      seed_(seed),
      half_bits_((static_cast<int>(std::bit_width(pictures_ - 1)) + 1) / 2) {}

std::size_t Sampler::picture(std::uint64_t sample) const {
  const std::uint64_t key = CounterRandom(seed_, sample / pictures_).next();
  std::uint64_t value = sample % pictures_;
  // Cycle walking: what falls outside is permuted again, which keeps the map one to one. The set of
  // bit patterns is less than four times as large, so a few turns are enough on average.
  do {
    value = permute(value, key, half_bits_);
  } while (value >= pictures_);
  return static_cast<std::size_t>(value);
}

}  // namespace impasto
