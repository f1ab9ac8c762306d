#include "impasto/base/random.h"

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "support/catch.h"

namespace impasto {
namespace {

std::vector<std::uint64_t> first(CounterRandom random, int count) {
  std::vector<std::uint64_t> values;
  for (int i = 0; i < count; ++i) values.push_back(random.next());
  return values;
}

TEST_CASE("Seed 0, stream 0 gives SplitMix64's published numbers") {
  CHECK(first(CounterRandom(0, 0), 5) == std::vector<std::uint64_t>{0xe220a8397b1dcdaf,
                                                                    0x6e789e6aa1b965f4,
                                                                    0x06c45d188009454f,
                                                                    0xf88bb8a8724c81ec,
                                                                    0x1b39896a51a8749b});
}

TEST_CASE("Other seeds and streams keep the numbers of an independent implementation") {
  // From ten lines of Python with the equations of the class comment.
  CHECK(first(CounterRandom(42, 7), 3) ==
        std::vector<std::uint64_t>{0xa42dcfdd2f9a2b74, 0x211dc630a6f6c801, 0x720945bda1d42620});
  CHECK(first(CounterRandom(42, 8), 2) ==
        std::vector<std::uint64_t>{0xd0232beea63ec39e, 0xe9d79128bc03f151});
}

TEST_CASE("Neighbouring seeds and streams share no numbers") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      for (const std::uint64_t value : first(CounterRandom(seed, stream), 20)) seen.insert(value);
    }
  }
  CHECK(seen.size() == 20 * 20 * 20);
}

TEST_CASE("Uniform numbers fill [0,1) evenly") {
  CounterRandom random(1, 2);
  double sum = 0;
  double squares = 0;
  constexpr int kCount = 100'000;
  for (int i = 0; i < kCount; ++i) {
    const double value = random.uniform();
    REQUIRE((value >= 0 && value < 1));
    sum += value;
    squares += value * value;
  }
  // Mean 1/2 and mean square 1/3; 5 standard errors are 0.0046 and 0.0047.
  CHECK(sum / kCount == Approx(0.5).margin(0.0046));
  CHECK(squares / kCount == Approx(1.0 / 3).margin(0.0047));
}

TEST_CASE("Whole numbers below a bound are equally likely") {
  CounterRandom random(3, 4);
  std::array<int, 7> counts{};
  constexpr int kCount = 70'000;
  for (int i = 0; i < kCount; ++i) ++counts.at(random.below(7));
  for (const int count : counts) CHECK(count == Approx(10'000).margin(465));  // 5 deviations
  CHECK(random.below(1) == 0);
}

TEST_CASE("A bound that does not divide 2^64 shows no modulo bias") {
  // With a bare modulo, numbers below 2^63 would come up twice as often as the rest.
  CounterRandom random(5, 6);
  constexpr std::uint64_t kBound = 3ULL << 62;
  int low = 0;
  constexpr int kCount = 30'000;
  for (int i = 0; i < kCount; ++i) {
    const std::uint64_t value = random.below(kBound);
    REQUIRE(value < kBound);
    low += value < kBound / 3 ? 1 : 0;
  }
  CHECK(low == Approx(10'000).margin(410));  // a bare modulo gives 15,000
}

}  // namespace
}  // namespace impasto
