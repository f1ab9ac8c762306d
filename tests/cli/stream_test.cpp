#include "cli/stream.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/message_of.h"

using namespace impasto;
using cli::run_stream;

namespace {

// Loads 0, 1, 2 ... below a count.
auto numbers(int count) {
  return
      [count, next = 0]() mutable { return next < count ? std::optional(next++) : std::nullopt; };
}

const std::function<bool()> kNeverStopped = [] { return false; };

}  // namespace

TEST_CASE("a stream takes every item through its steps, in order, until there are no more") {
  std::vector<int> stored;
  auto load = numbers(50);
  run_stream([&] { return load(); },
             [](int i) { return std::optional(10 * i); },
             [&](int i) { stored.push_back(i); },
             kNeverStopped);
  REQUIRE(stored.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(stored[static_cast<std::size_t>(i)] == 10 * i);
}

TEST_CASE("the steps of a stream overlap") {
  // The first item's steps wait for earlier steps of the second, which other threads have to do.
  std::mutex mutex;
  std::condition_variable changed;
  int loaded = 0, worked = 0;
  const auto reach = [&](int& count) {
    const std::lock_guard lock(mutex);
    ++count;
    changed.notify_all();
  };
  const auto wait_for_two = [&](int& count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return count >= 2; });
  };
  auto load = numbers(3);
  run_stream(
      [&] {
        reach(loaded);
        return load();
      },
      [&](int i) {
        if (i == 0) wait_for_two(loaded);
        reach(worked);
        return std::optional(i);
      },
      [&](int i) {
        if (i == 0) wait_for_two(worked);
      },
      kNeverStopped);
  CHECK(worked == 3);
}

TEST_CASE("a stream that is stopped stores what was worked on and begins nothing more") {
  std::atomic<bool> stopped = false;
  std::vector<int> stored;
  auto load = numbers(1000);
  run_stream([&] { return load(); },
             [&](int i) {
               if (i == 3) stopped = true;
               return std::optional(i);
             },
             [&](int i) { stored.push_back(i); },
             [&] { return stopped.load(); });
  CHECK(stored == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("work without a result ends a stream") {
  std::vector<int> stored;
  auto load = numbers(1000);
  run_stream([&] { return load(); },
             [](int i) { return i == 2 ? std::nullopt : std::optional(i); },
             [&](int i) { stored.push_back(i); },
             kNeverStopped);
  CHECK(stored == std::vector<int>{0, 1});
}

TEST_CASE("what any step of a stream throws ends it and is thrown on") {
  const int failing = GENERATE(0, 1, 2);
  auto load = numbers(1000);
  const auto step = [&](int which, int i) {
    if (which == failing && i == 5) throw std::runtime_error("step " + std::to_string(which));
    return std::optional(i);
  };
  CHECK(message_of<std::runtime_error>([&] {
          run_stream([&] { return step(0, load().value()); },
                     [&](int i) { return step(1, i); },
                     [&](int i) { step(2, i); },
                     kNeverStopped);
        }) == "step " + std::to_string(failing));
}
