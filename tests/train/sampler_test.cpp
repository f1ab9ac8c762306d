#include "impasto/train/sampler.h"

#include <algorithm>
#include <set>
#include <vector>

#include "support/catch.h"

using impasto::Sampler;

namespace {

std::vector<std::size_t> epoch(const Sampler& sampler, std::size_t pictures, std::uint64_t number) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < pictures; ++i)
    order.push_back(sampler.picture(number * pictures + i));
  return order;
}

}  // namespace

TEST_CASE("Every epoch shows every picture once") {
  const std::size_t pictures = GENERATE(1, 2, 3, 4, 5, 7, 16, 17, 100, 1000);
  const Sampler sampler(pictures, 42);
  for (std::uint64_t number = 0; number < 5; ++number) {
    auto order = epoch(sampler, pictures, number);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < pictures; ++i) REQUIRE(order[i] == i);
  }
}

TEST_CASE("Epochs and seeds have orders of their own") {
  const Sampler sampler(100, 42);
  std::set<std::vector<std::size_t>> orders;
  for (std::uint64_t number = 0; number < 20; ++number) orders.insert(epoch(sampler, 100, number));
  orders.insert(epoch(Sampler(100, 43), 100, 0));
  CHECK(orders.size() == 21);
}

TEST_CASE("Every picture is as likely as any other at every place of an epoch") {
  // Counts are binomial; five standard deviations leave a chance of one in a million a count.
  const std::size_t pictures = GENERATE(2, 3, 5, 7);
  const Sampler sampler(pictures, 1);
  constexpr int kEpochs = 6000;
  std::vector<std::vector<int>> counts(pictures, std::vector<int>(pictures));
  for (std::uint64_t number = 0; number < kEpochs; ++number) {
    const auto order = epoch(sampler, pictures, number);
    for (std::size_t place = 0; place < pictures; ++place) ++counts[place][order[place]];
  }
  const double share = 1.0 / static_cast<double>(pictures);
  const double deviation = std::sqrt(kEpochs * share * (1 - share));
  for (const auto& row : counts) {
    for (const int count : row) CHECK(std::abs(count - kEpochs * share) < 5 * deviation);
  }
}

TEST_CASE("All six orders of three pictures are equally likely") {
  const Sampler sampler(3, 9);
  std::map<std::vector<std::size_t>, int> counts;
  constexpr int kEpochs = 6000;
  for (std::uint64_t number = 0; number < kEpochs; ++number) ++counts[epoch(sampler, 3, number)];
  REQUIRE(counts.size() == 6);
  const double deviation = std::sqrt(kEpochs * (1.0 / 6) * (5.0 / 6));
  for (const auto& [order, count] : counts) CHECK(std::abs(count - 1000) < 5 * deviation);
}
