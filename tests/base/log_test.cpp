#include "impasto/base/log.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace impasto {
namespace {

TEST_CASE("Messages reach the sink with their level until it is taken away") {
  std::vector<std::pair<LogLevel, std::string>> messages;
  set_log_sink([&](LogLevel level, std::string_view text) { messages.emplace_back(level, text); });
  log_info("one");
  log_warning("two");
  set_log_sink(nullptr);
  log_warning("three");
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == std::pair(LogLevel::kInfo, std::string("one")));
  CHECK(messages[1] == std::pair(LogLevel::kWarning, std::string("two")));
}

TEST_CASE("The sink is called by one thread at a time") {
  std::atomic<int> inside = 0;
  std::atomic<int> calls = 0;
  std::atomic<bool> together = false;
  set_log_sink([&](LogLevel, std::string_view) {
    if (++inside > 1) together = true;
    std::this_thread::sleep_for(
        std::chrono::microseconds(100));  // long enough to be met by another
    --inside;
    ++calls;
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i) log_info("message");
    });
  }
  for (std::thread& thread : threads) thread.join();
  set_log_sink(nullptr);
  CHECK(calls == 4 * 50);
  CHECK_FALSE(together);
}

}  // namespace
}  // namespace impasto
