#include "cli/progress_bar.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "cli/console.h"
#include "impasto/base/log.h"
#include "support/captured_stderr.h"
#include "support/catch.h"

using namespace impasto;
using cli::Console;
using cli::format_duration;
using cli::Progress;
using cli::progress_line;
using cli::ProgressBar;

namespace {

Progress at_step(std::int64_t step) {
  return {.step = step, .total = 1000, .terms = "content 0.81", .rate = 4.56, .eta = 3723};
}

// A terminal of 60 columns whose screen the test can read.
class Terminal {
 public:
  Terminal() {
    int program = -1;
    winsize size{};
    size.ws_col = 60;
    size.ws_row = 24;
    if (openpty(&screen_, &program, nullptr, nullptr, &size) != 0) {
      throw std::runtime_error("openpty failed");
    }
    stream_ = fdopen(program, "w");
  }
  ~Terminal() {
    std::fclose(stream_);
    close(screen_);
  }

  std::FILE* stream() { return stream_; }

  /// What was written since the last call, which is to be `expected`: the kernel hands it over
  /// piece by piece, so it is read until it is as long, or nothing comes for ten seconds.
  void check_shows(const std::string& expected) {
    std::string text;
    pollfd ready{.fd = screen_, .events = POLLIN, .revents = 0};
    while (text.size() < expected.size() && poll(&ready, 1, 10'000) > 0) {
      char block[4096];
      const ssize_t count = read(screen_, block, sizeof block);
      if (count <= 0) break;
      text.append(block, static_cast<std::size_t>(count));
    }
    CHECK(text == expected);
  }

 private:
  int screen_ = -1;
  std::FILE* stream_ = nullptr;
};

}  // namespace

TEST_CASE("durations are written as a clock") {
  CHECK(format_duration(0) == "0:00");
  CHECK(format_duration(59.4) == "0:59");
  CHECK(format_duration(59.6) == "1:00");
  CHECK(format_duration(123) == "2:03");
  CHECK(format_duration(3599.9) == "1:00:00");
  CHECK(format_duration(3723) == "1:02:03");
  CHECK(format_duration(360000) == "100:00:00");
  CHECK(format_duration(-1) == "-:--");
  CHECK(format_duration(std::numeric_limits<double>::infinity()) == "-:--");
  CHECK(format_duration(std::nan("")) == "-:--");
}

TEST_CASE("a wide line has everything") {
  CHECK(
      progress_line(at_step(450), 120) ==
      " 45% [#############.................]  450/1000  content 0.81  4.6 pictures/s  ETA 1:02:03");
  CHECK(progress_line({.step = 0, .total = 10, .rate = 250, .unit = "steps", .eta = -1}, 120) ==
        "  0% [..............................]  0/10  250 steps/s  ETA -:--");
  CHECK(progress_line({.step = 10, .total = 10}, 120)
            .starts_with("100% [##############################]"));
}

TEST_CASE("a narrow line loses the bar first, then its end") {
  // 4 columns for the percentage, 3 for the frame, 53 for the rest, and at least 5 for the bar.
  CHECK(progress_line(at_step(450), 65) ==
        " 45% [##...]  450/1000  content 0.81  4.6 pictures/s  ETA 1:02:03");
  CHECK(progress_line(at_step(450), 64) ==
        " 45%  450/1000  content 0.81  4.6 pictures/s  ETA 1:02:03");
  CHECK(progress_line(at_step(450), 20) == " 45%  450/1000  cont");
  CHECK(progress_line(at_step(450), 0) == "");
}

TEST_CASE("without a total the steps are counted") {
  CHECK(progress_line({.step = 5, .total = 0}, 80) == "5 pictures  0.0 pictures/s");
}

TEST_CASE(
    "outside a terminal only the first and the last of quick steps are printed, as plain lines") {
  CapturedStderr printed;
  {
    Console console;
    ProgressBar bar(console);
    for (int step = 1; step <= 1000; ++step) bar.update(at_step(step));
  }
  const std::string text = printed.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK_THAT(text, ContainsSubstring("  1/1000  "));
  CHECK_THAT(text, ContainsSubstring("  1000/1000  "));
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("on a terminal one line is redrawn and fits the width") {
  Terminal terminal;
  Console console(terminal.stream());
  CHECK(console.is_terminal());
  CHECK(console.width() == 60);
  ProgressBar bar(console);
  bar.update(at_step(450));
  terminal.check_shows("\r\x1b[K" + progress_line(at_step(450), 59));
  bar.update(at_step(1000));
  // The last step ends the line (a terminal sends \r\n for \n).
  terminal.check_shows("\r\x1b[K" + progress_line(at_step(1000), 59) + "\r\n");
}

TEST_CASE("a warning stands above the status line, which is drawn again") {
  Terminal terminal;
  Console console(terminal.stream());
  const cli::LogToConsole log(console);
  console.set_status("working");
  terminal.check_shows("\r\x1b[Kworking");
  log_warning("a.jpg: skipped");
  terminal.check_shows("\r\x1b[Kwarning: a.jpg: skipped\r\nworking");
  log_info("note");
  terminal.check_shows("\r\x1b[Knote\r\nworking");
  console.end_status();
  terminal.check_shows("\r\n");
  console.print("plain");
  terminal.check_shows("plain\r\n");
}

TEST_CASE("the library is silent again when the console is gone") {
  CapturedStderr printed;
  {
    Console console;
    const cli::LogToConsole log(console);
    log_warning("heard");
  }
  log_warning("not heard");
  CHECK(printed.text() == "warning: heard\n");
}
