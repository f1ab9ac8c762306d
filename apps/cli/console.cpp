#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "impasto/base/log.h"

namespace impasto::cli {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";

void write(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

Console::Console(std::FILE* stream) : stream_(stream), is_terminal_(isatty(fileno(stream)) == 1) {}

Console::~Console() { end_status(); }

int Console::width() const {
  winsize size{};
  const bool known = is_terminal_ && ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : 80;
}

void Console::print(std::string_view line) {
  const std::lock_guard lock(mutex_);
  std::string text;
  if (!status_.empty()) text += kClearLine;
  text += line;
  text += '\n';
  text += status_;
  write(stream_, text);
}

void Console::set_status(std::string_view line) {
  if (!is_terminal_) return;
  const std::lock_guard lock(mutex_);
  status_ = line;
  write(stream_, std::string(kClearLine) + status_);
}

void Console::end_status() {
  const std::lock_guard lock(mutex_);
  if (status_.empty()) return;
  write(stream_, "\n");
  status_.clear();
}

LogToConsole::LogToConsole(Console& console) {
  set_log_sink([&console](LogLevel level, std::string_view message) {
    const std::string prefix = level == LogLevel::kWarning ? "warning: " : "";
    console.print(prefix + std::string(message));
  });
}

LogToConsole::~LogToConsole() { set_log_sink({}); }

}  // namespace impasto::cli
