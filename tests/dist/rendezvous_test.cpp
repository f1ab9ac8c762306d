// Processes that do not find one another.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "cli/studio.h"
#include "dist/processes.h"
#include "support/catch.h"

namespace {

// A time-out that is not to pass, on a busy machine too, unless a test waits for it.
std::vector<std::string> arguments(const std::string& timeout = "120") {
  return Studio::arguments({"data.batch_size=4", "distributed.timeout=" + timeout});
}

}  // namespace

TEST_CASE("Processes that do not come are named") {
  const Studio studio;
  Processes processes(4, studio.path().string());
  processes.start(0, arguments("20"));
  processes.start(2, arguments("20"));
  const auto results = processes.wait();
  for (const auto& result : results) {
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, ContainsSubstring("expected 4 processes (WORLD_SIZE) within 20 s"));
    CHECK_THAT(result.err, ContainsSubstring("none with rank 1, 3"));
    const bool is_first = &result == &results.front();
    CHECK((result.err.find("process 0 of 4 waits for the others at 127.0.0.1") == 0) == is_first);
  }
}

TEST_CASE("Processes that expect different numbers of others say so") {
  const Studio studio;
  Processes processes(2, studio.path().string());
  processes.start(0, arguments());
  processes.start(1, arguments(), {"WORLD_SIZE=4"});
  for (const auto& result : processes.wait()) {
    CHECK(result.exit_code == 2);
    CHECK_THAT(
        result.err,
        ContainsSubstring("WORLD_SIZE: expected the same in all processes, found 2 in process 0 "
                          "and 4 in process 1"));
  }
}

TEST_CASE("Two processes of the same rank are refused") {
  const Studio studio;
  Processes processes(2, studio.path().string());
  processes.start(0, arguments());
  processes.start(1, arguments());
  processes.start(1, arguments());
  const auto results = processes.wait();
  const bool third_is_late = results[2].exit_code != 0;
  const auto& refused = third_is_late ? results[2] : results[1];
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("RANK: two processes are both number 1"));
}

TEST_CASE("A port that is taken is a clear error") {
  const Studio studio;
  Processes processes(2, studio.path().string());
  const int listener = socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(processes.port()));
  REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener, 1) == 0);
  processes.start(0, arguments());
  const auto results = processes.wait();
  close(listener);
  CHECK(results[0].exit_code == 1);
  CHECK_THAT(results[0].err,
             ContainsSubstring("MASTER_PORT: " + std::to_string(processes.port()) + ": taken"));
}

TEST_CASE("A master that does not answer is a clear error") {
  const Studio studio;
  Processes processes(2, studio.path().string());
  processes.start(1, arguments("10"));
  const auto result = processes.wait()[0];
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("MASTER_ADDR: 127.0.0.1, port"));
  CHECK_THAT(result.err, ContainsSubstring("no answer to process 1 within 10 s"));
}

TEST_CASE("A master that is unknown, or that nobody names, is a clear error") {
  const Studio studio;
  Processes processes(2, studio.path().string());
  processes.start(1, arguments(), {"MASTER_ADDR="});
  processes.start(0, arguments(), {"WORLD_SIZE=two"});
  const auto results = processes.wait();
  CHECK(results[0].exit_code == 2);
  CHECK_THAT(results[0].err, ContainsSubstring("MASTER_ADDR: expected in the environment"));
  CHECK(results[1].exit_code == 2);
  CHECK_THAT(results[1].err, ContainsSubstring("WORLD_SIZE: expected in the environment a number"));
}
