#include "engine/plan_check.h"
#include "impasto/base/random.h"
#include "support/catch.h"

#include <vector>

TEST_CASE("plans of random networks, sizes and thread counts are sound") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    impasto::CounterRandom random(seed, 0);
    std::vector<std::uint8_t> bytes(26);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 40);
    INFO("seed " << seed);
    REQUIRE(check_plan_from(bytes) == "");
  }
}
