#pragma once

#include <cstddef>
#include <cstdint>

namespace impasto {

/// Which picture sample number `n` of the run shows: every epoch goes through all pictures once in
/// an order of its own. A pure function of (seed, n), computed without storing an order: a Feistel
/// permutation with cycle walking (Black, Rogaway 2002, "Ciphers with Arbitrary Finite Domains").
class Sampler {
 public:
  /// `pictures` is positive.
  Sampler(std::size_t pictures, std::uint64_t seed);

  /// Below `pictures`.
  std::size_t picture(std::uint64_t sample) const;

 private:
  std::uint64_t pictures_;
  std::uint64_t seed_;
  int half_bits_;  // the permutation is over 2 * half_bits_ bits, the fewest that hold all pictures
};

}  // namespace impasto
