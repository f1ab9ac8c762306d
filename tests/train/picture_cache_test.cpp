#include "impasto/train/picture_cache.h"

#include <thread>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "train/memory_images.h"

using namespace impasto;

TEST_CASE("Pictures that fit are decoded once, others each time, all as they are") {
  const MemoryImages source(noise_images(3, 20, 10), /*unreadable=*/{2});
  const std::size_t one = 20 * 10 * 3;
  for (const auto& [bytes, loads] :
       {std::pair<std::size_t, int>{0, 6}, {one - 1, 6}, {one, 4}, {2 * one, 2}}) {
    const PictureCache cache(source, bytes);
    source.loads = 0;
    for (int epoch = 0; epoch < 3; ++epoch) {
      CHECK(largest_difference(cache.load(0), source.load(0)) == 0);
      CHECK(largest_difference(cache.load(1), source.load(1)) == 0);
    }
    CHECK(source.loads == loads + 6);
    CHECK_THROWS_AS(cache.load(2), FormatError);
    CHECK_THROWS_AS(cache.load(2), FormatError);
    CHECK(cache.size() == 3);
    CHECK(cache.name(1) == "memory/1");
    CHECK(cache.fingerprint() == source.fingerprint());
  }
}

TEST_CASE("Threads share kept pictures") {
  const MemoryImages source(noise_images(8, 12, 9));
  const PictureCache cache(source, std::size_t{1} << 20);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 400; ++i) {
        if (cache.load(i % 8).pixels()[5] != noise_images(8, 12, 9)[i % 8].pixels()[5]) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(source.loads <= 32);  // at most once in each thread
}
