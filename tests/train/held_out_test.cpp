#include "impasto/train/held_out.h"

#include "impasto/base/error.h"
#include "support/catch.h"
#include "train/memory_images.h"

using impasto::hold_out;

TEST_CASE("Every n-th picture from the first is kept, and each is in one part") {
  const MemoryImages photos(noise_images(7, 20, 10));
  const auto split = hold_out(photos, 3);
  REQUIRE(split.evaluation.size() == 3);
  CHECK(split.evaluation.name(0) == "memory/0");
  CHECK(split.evaluation.name(2) == "memory/6");
  REQUIRE(split.training.size() == 4);
  CHECK(split.training.name(0) == "memory/1");
  CHECK(split.training.name(3) == "memory/5");
  CHECK((split.training.load(3) == photos.load(5)));
  CHECK(hold_out(photos, 0).training.size() == 7);
  CHECK(hold_out(photos, 0).evaluation.size() == 0);
  CHECK_THROWS_AS(hold_out(photos, 1), impasto::ConfigError);
}
