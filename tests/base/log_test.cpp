#include "impasto/base/log.h"

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
  constexpr int kThreads = 4;
  constexpr int kMessages = 500;
  std::vector<std::string> messages;  // no lock of its own
  set_log_sink([&](LogLevel, std::string_view text) { messages.emplace_back(text); });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kMessages; ++i) log_info("message");
    });
  }
  for (std::thread& thread : threads) thread.join();
  set_log_sink(nullptr);
  CHECK(messages.size() == kThreads * kMessages);
}

}  // namespace
}  // namespace impasto
