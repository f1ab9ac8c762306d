#pragma once

#include <cstdint>

namespace impasto {

/// A random stream that is a pure function of (seed, stream number): thread count, prefetch and
/// resumes cannot change what sample 12345 gets. SplitMix64 (Steele, Lea, Flood 2014), whose output
/// function is also used to mix seed and stream into the starting state.
class CounterRandom {
 public:
  /// Streams of one seed are independent of one another.
  CounterRandom(std::uint64_t seed, std::uint64_t stream);

  /// The stream's next 64 bits.
  std::uint64_t next();

  /// Uniform in [0, 1).
  double uniform();

  /// Uniform in [0, bound), without modulo bias. `bound` is positive.
  std::uint64_t below(std::uint64_t bound);

 private:
  std::uint64_t state_;
};

}  // namespace impasto
