#pragma once

#include <cstddef>
#include <cstdint>

namespace impasto {

/// Which picture sample number `n` of the run shows: every epoch goes through all pictures once in an order of its
/// own. A pure function of (seed, n), computed without storing an order: a Feistel permutation with cycle walking.
class Sampler {
 public:
  Sampler(std::size_t pictures, std::uint64_t seed);

  std::size_t picture(std::uint64_t sample) const;

 private:
  std::size_t pictures_;
  std::uint64_t seed_;
};

}  // namespace impasto
