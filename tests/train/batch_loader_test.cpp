#include "impasto/train/batch_loader.h"

#include <ATen/ATen.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/train/augmentation.h"
#include "support/catch.h"
#include "train/memory_images.h"

using impasto::BatchLoader;
using impasto::DataConfig;

namespace {

DataConfig small_data(int workers = 2, int prefetch = 3) {
  DataConfig data;
  data.image_size = 8;
  data.batch_size = 3;
  data.workers = workers;
  data.prefetch = prefetch;
  return data;
}

std::vector<at::Tensor> batches(const impasto::ImageSource& source,
                                const DataConfig& data,
                                int count,
                                std::uint64_t first_sample = 0) {
  BatchLoader loader(source, data, first_sample);
  std::vector<at::Tensor> list;
  for (int i = 0; i < count; ++i) list.push_back(loader.next());
  return list;
}

bool same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!at::equal(a[i], b[i])) return false;
  }
  return true;
}

/// The library's warnings while it lives.
class Warnings {
 public:
  Warnings() {
    impasto::set_log_sink([this](impasto::LogLevel level, std::string_view message) {
      if (level == impasto::LogLevel::kWarning) list.emplace_back(message);
    });
  }
  ~Warnings() { impasto::set_log_sink({}); }

  std::vector<std::string> list;
};

/// Takes its time, and more for some pictures, so that workers finish out of order.
class SlowImages : public MemoryImages {
 public:
  using MemoryImages::MemoryImages;
  impasto::Image load(std::size_t index) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(index % 3 == 0 ? 8 : 1));
    return MemoryImages::load(index);
  }
};

class BrokenSource : public MemoryImages {
 public:
  using MemoryImages::MemoryImages;
  impasto::Image load(std::size_t) const override { throw std::logic_error("a bug of the source"); }
};

}  // namespace

TEST_CASE("Batches are the same whatever the number of workers and the prefetch") {
  const SlowImages source(noise_images(11, 20, 14), {3});
  auto data = small_data(1, 1);
  const auto expected = batches(source, data, 12);
  REQUIRE(expected[0].sizes() == at::IntArrayRef({3, 3, 8, 8}));
  REQUIRE(expected[0].scalar_type() == at::kByte);
  CHECK(same(batches(source, small_data(3, 1), 12), expected));
  CHECK(same(batches(source, small_data(3, 7), 12), expected));
  CHECK(same(batches(source, small_data(1, 5), 12), expected));
  data.seed = 43;
  CHECK_FALSE(same(batches(source, data, 12), expected));
}

TEST_CASE("A loader can start in the middle of a run") {
  const MemoryImages source(noise_images(11, 20, 14));
  const auto all = batches(source, small_data(), 6);
  CHECK(same(batches(source, small_data(), 3, 9), {all.begin() + 3, all.end()}));
}

TEST_CASE("The shares of several loaders make up the batches of one") {
  const MemoryImages source(noise_images(7, 20, 14));
  DataConfig data = small_data();
  data.batch_size = 6;
  BatchLoader whole(source, data, 12);
  BatchLoader first(source, data, 12, {}, {.index = 0, .of = 3});
  BatchLoader second(source, data, 12, {}, {.index = 1, .of = 3});
  BatchLoader third(source, data, 12, {}, {.index = 2, .of = 3});
  for (int batch = 0; batch < 3; ++batch) {
    CHECK(at::equal(at::cat({first.next(), second.next(), third.next()}), whole.next()));
  }
}

TEST_CASE("A loader learns what others found bad: names it once, counts it and does not read it") {
  const MemoryImages source(noise_images(10, 20, 14));
  DataConfig data = small_data();
  data.max_bad_share = 0.1;
  BatchLoader loader(source, data);
  Warnings warnings;
  loader.learn_bad({{4, "4: torn"}});
  loader.learn_bad({{4, "4: torn"}});
  CHECK(warnings.list == std::vector<std::string>{"skipped: 4: torn"});
  CHECK(loader.bad_pictures().size() == 1);
  CHECK_THROWS_AS(loader.learn_bad({{5, "5: torn"}}), impasto::IoError);
}

TEST_CASE("An epoch shows every picture") {
  // One colour a picture, so that a crop tells which it is.
  std::vector<impasto::Image> images;
  for (int i = 0; i < 6; ++i) {
    images.emplace_back(12, 10);
    for (auto& value : images.back().pixels()) value = static_cast<std::uint8_t>(10 * i);
  }
  const MemoryImages source(images);
  const auto list = batches(source, small_data(), 4);
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::set<int> seen;
    for (int i = 0; i < 6; ++i) {
      seen.insert(list[static_cast<std::size_t>(2 * epoch + i / 3)][i % 3][0][0][0].item<int>());
    }
    CHECK(seen == std::set<int>{0, 10, 20, 30, 40, 50});
  }
}

TEST_CASE("A bad picture is named once and its samples go to others") {
  auto images = noise_images(20, 20, 14);
  images[7] = noise_image(20, 5, 1);
  const MemoryImages source(std::move(images), {4});
  const Warnings warnings;
  BatchLoader loader(source, small_data());
  for (int i = 0; i < 40; ++i) loader.next();  // six epochs
  CHECK(loader.bad_pictures().size() == 2);
  REQUIRE(warnings.list.size() == 2);
  const auto& first = warnings.list[0];
  const auto& second = warnings.list[1];
  const bool in_order = first.find("memory/4") != std::string::npos;
  CHECK_THAT(in_order ? first : second, ContainsSubstring("memory/4: not a picture"));
  CHECK_THAT(in_order ? second : first,
             ContainsSubstring("memory/7: expected a short side of at least 8 pixels "
                               "(data.image_size), found 20x5"));
}

TEST_CASE("A bad picture is reported with the batch that needed it") {
  // Read ahead far or not at all, the counts after each batch are the same.
  const MemoryImages source(noise_images(30, 20, 14), {2, 9});
  const auto counts = [&](int workers, int prefetch) {
    BatchLoader loader(source, small_data(workers, prefetch));
    std::vector<std::int64_t> list;
    for (int i = 0; i < 10; ++i) {
      loader.next();
      list.push_back(loader.bad_pictures().size());
    }
    return list;
  };
  const auto expected = counts(1, 1);
  CHECK(expected.front() == 0);
  CHECK(expected.back() == 2);
  CHECK(counts(3, 10) == expected);
}

TEST_CASE("A replacement does not depend on which pictures were found bad before") {
  const MemoryImages source(noise_images(30, 20, 14), {1, 5, 17});
  const auto all = batches(source, small_data(1, 1), 10);
  // A loader that starts later has met fewer bad pictures by then.
  CHECK(same(batches(source, small_data(1, 1), 4, 18), {all.begin() + 6, all.end()}));
}

TEST_CASE("A bad picture is read once") {
  const MemoryImages source(noise_images(10, 20, 14), {4});
  auto data = small_data(1, 1);
  BatchLoader loader(source, data);
  for (int i = 0; i < 20; ++i) loader.next();
  // 60 samples, 6 of them first meant for picture 4; one read ahead at most, and 1 for the bad
  // picture.
  CHECK(source.loads <= 60 + 3 + 1);
}

TEST_CASE("Too many bad pictures stop the run with what to do") {
  const MemoryImages source(noise_images(10, 20, 14), {0, 1, 2});
  auto data = small_data();
  data.max_bad_share = 0.2;
  BatchLoader loader(source, data);
  const auto run = [&] {
    for (int i = 0; i < 10; ++i) loader.next();
  };
  CHECK_THROWS_AS(run(), impasto::IoError);
  CHECK_THROWS_WITH(
      loader.next(),
      ContainsSubstring("data.path: expected at most 20 % unusable pictures (data.max_bad_share), "
                        "found 3 of 10 (30 %) so far, the last memory/") &&
          ContainsSubstring(": not a picture") && ContainsSubstring("raise data.max_bad_share"));
}

TEST_CASE("As many bad pictures as are allowed do not stop the run") {
  const MemoryImages source(noise_images(10, 20, 14), {0, 1, 2});
  auto data = small_data();
  data.max_bad_share = 0.3;
  BatchLoader loader(source, data);
  for (int i = 0; i < 10; ++i) loader.next();
  CHECK(loader.bad_pictures().size() == 3);
}

TEST_CASE("A set without one usable picture is an error even when all may be bad") {
  const MemoryImages source(noise_images(3, 20, 14), {0, 1, 2});
  auto data = small_data();
  data.max_bad_share = 1.0;
  BatchLoader loader(source, data);
  CHECK_THROWS_AS(loader.next(), impasto::IoError);
  CHECK_THROWS_WITH(
      loader.next(),
      ContainsSubstring("data.path: expected a usable picture, found none among 3, for instance "
                        "memory/"));
}

TEST_CASE("An empty set is an error") {
  const MemoryImages source({});
  CHECK_THROWS_WITH(BatchLoader(source, small_data()),
                    ContainsSubstring("expected at least one picture, found none"));
}

TEST_CASE("What a source throws besides Error reaches the caller") {
  const BrokenSource source(noise_images(3, 20, 14));
  BatchLoader loader(source, small_data());
  CHECK_THROWS_AS(loader.next(), std::logic_error);
  CHECK_THROWS_WITH(loader.next(), "a bug of the source");
}

TEST_CASE("No more batches are read ahead than asked for") {
  const MemoryImages source(noise_images(30, 20, 14));
  BatchLoader loader(source, small_data(2, 2));
  loader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(source.loads <= 3 * 3);  // the batch taken and two ahead, of three pictures each
}

TEST_CASE("A loader counts the time that its caller waits") {
  const SlowImages source(noise_images(6, 20, 14));
  BatchLoader loader(source, small_data(1, 1));
  loader.next();
  CHECK(loader.seconds_waited() > 0);
}

TEST_CASE("A loader can be closed at any moment") {
  const SlowImages source(noise_images(30, 20, 14), {1, 2, 3, 4, 5, 6, 7, 8, 9});
  auto data = small_data(3, 50);
  data.max_bad_share = 1;
  for (int taken = 0; taken < 4; ++taken) {
    BatchLoader loader(source, data);
    for (int i = 0; i < taken; ++i) loader.next();
  }
  CHECK(source.loads < 4 * 50 * 3);  // closed long before the read-ahead was full
}
