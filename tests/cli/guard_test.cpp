#include "cli/guard.h"

#include <csignal>
#include <new>
#include <stdexcept>
#include <string>

#include "cli/interrupt.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

using namespace impasto;

namespace {

struct Outcome {
  int code;
  std::string printed;
};

template <class Exception>
Outcome outcome_of(const Exception& exception) {
  CapturedStderr printed;
  const int code = cli::run_main("paint", [&]() -> int { throw exception; });
  return {code, printed.text()};
}

}  // namespace

TEST_CASE("the body's exit code is returned and nothing is printed") {
  CapturedStderr printed;
  CHECK(cli::run_main("paint", [] { return 0; }) == 0);
  CHECK(cli::run_main("paint", [] { return 7; }) == 7);
  CHECK(printed.text() == "");
}

TEST_CASE("every kind of error has its exit code and one line on stderr") {
  const Outcome config = outcome_of(ConfigError("steps: expected 1, found 0"));
  CHECK(config.code == 2);
  CHECK(config.printed == "paint: steps: expected 1, found 0\n");

  const Outcome usage = outcome_of(cli::UsageError("unknown option '--x'"));
  CHECK(usage.code == 2);
  CHECK(usage.printed == "paint: unknown option '--x' (see 'paint --help')\n");

  const Outcome io = outcome_of(IoError("photo.jpg: no such file"));
  CHECK(io.code == 1);
  CHECK(io.printed == "paint: photo.jpg: no such file\n");

  CHECK(outcome_of(FormatError("x")).code == 1);

  const Outcome memory = outcome_of(std::bad_alloc());
  CHECK(memory.code == 1);
  CHECK_THAT(memory.printed, ContainsSubstring("paint: out of memory: use smaller pictures"));

  const Outcome other = outcome_of(std::runtime_error("surprise"));
  CHECK(other.code == 1);
  CHECK(other.printed == "paint: unexpected error: surprise\n");
}

TEST_CASE("a message cannot steer the terminal") {
  CHECK(outcome_of(FormatError("tensor '\x1b[2J'")).printed == "paint: tensor '?[2J'\n");
}

TEST_CASE("the first Ctrl-C is a flag") {
  cli::catch_interrupts();
  CHECK_FALSE(cli::interrupted());
  std::raise(SIGINT);
  CHECK(cli::interrupted());
  // The second one would end this program.
  CHECK(std::signal(SIGINT, SIG_DFL) == SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}
