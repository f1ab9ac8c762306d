#include "cli/pipeline.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.h"

using namespace impasto::cli;

namespace {

const auto kNeverStopped = [] { return false; };

}  // namespace

TEST_CASE("a pipeline takes every item through its steps, in order") {
  std::vector<std::string> stored;
  const auto failures = run_pipeline(
      50,
      [](std::size_t i) { return std::optional(static_cast<int>(i) * 2); },
      [](std::size_t, int value) { return std::optional(std::to_string(value + 1)); },
      [&](std::size_t, std::string text) { stored.push_back(text); },
      kNeverStopped);
  CHECK(failures.empty());
  REQUIRE(stored.size() == 50);
  CHECK(stored[0] == "1");
  CHECK(stored[49] == "99");
}

TEST_CASE("an item that fails in any step is named and stops no other") {
  std::vector<std::size_t> stored;
  const auto fail_at = [](std::size_t index, std::size_t bad) {
    if (index == bad) throw std::runtime_error("item " + std::to_string(bad));
  };
  const auto failures = run_pipeline(
      6,
      [&](std::size_t i) {
        fail_at(i, 4);
        return std::optional(i);
      },
      [&](std::size_t i, std::size_t value) {
        fail_at(i, 1);
        if (i == 5) throw std::bad_alloc();
        return std::optional(value);
      },
      [&](std::size_t i, std::size_t) {
        fail_at(i, 2);
        stored.push_back(i);
      },
      kNeverStopped);
  CHECK(stored == std::vector<std::size_t>{0, 3});
  REQUIRE(failures.size() == 4);
  CHECK(failures[0].index == 1);
  CHECK(failures[1].message == "item 2");
  CHECK(failures[2].message == "item 4");
  CHECK(failures[3].message == "out of memory");
}

TEST_CASE("an item without a value goes no further") {
  std::vector<std::size_t> stored;
  const auto failures = run_pipeline(
      4,
      [](std::size_t i) { return i == 1 ? std::nullopt : std::optional(i); },
      [](std::size_t i, std::size_t) { return i == 2 ? std::nullopt : std::optional(i); },
      [&](std::size_t i, std::size_t) { stored.push_back(i); },
      kNeverStopped);
  CHECK(failures.empty());
  CHECK(stored == std::vector<std::size_t>{0, 3});
}

TEST_CASE("the steps of a pipeline overlap") {
  // Each step of item 0 waits for an earlier step of a later item, which only another thread can
  // do.
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t loaded = 0, worked = 0;
  const auto reach = [&](std::size_t& count) {
    const std::lock_guard lock(mutex);
    ++count;
    changed.notify_all();
  };
  const auto wait_for = [&](std::size_t& count, std::size_t wanted) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return count >= wanted; });
  };
  const auto failures = run_pipeline(
      3,
      [&](std::size_t i) {
        reach(loaded);
        return std::optional(i);
      },
      [&](std::size_t i, std::size_t) {
        if (i == 0) wait_for(loaded, 2);
        reach(worked);
        return std::optional(i);
      },
      [&](std::size_t i, std::size_t) {
        if (i == 0) wait_for(worked, 2);
      },
      kNeverStopped);
  CHECK(failures.empty());
}

TEST_CASE("what waits between the steps of a pipeline is bounded") {
  std::atomic<int> loaded = 0, worked = 0;
  int most_ahead = 0;
  run_pipeline(
      40,
      [&](std::size_t i) {
        ++loaded;
        return std::optional(i);
      },
      [&](std::size_t i, std::size_t) {
        most_ahead = std::max(most_ahead, loaded - worked);
        ++worked;
        return std::optional(i);
      },
      [](std::size_t, std::size_t) {},
      kNeverStopped);
  // One at work, one waiting, one that waits for room, and one begun since the first was taken.
  CHECK(most_ahead <= 4);
}

TEST_CASE("a pipeline that is stopped begins nothing more") {
  std::atomic<bool> stopped = false;
  std::vector<std::size_t> stored;
  const auto failures = run_pipeline(
      1000,
      [](std::size_t i) { return std::optional(i); },
      [&](std::size_t i, std::size_t) {
        if (i == 3) stopped = true;
        return std::optional(i);
      },
      [&](std::size_t i, std::size_t) { stored.push_back(i); },
      [&] { return stopped.load(); });
  CHECK(failures.empty());
  CHECK(stored == std::vector<std::size_t>{0, 1, 2, 3});
}
