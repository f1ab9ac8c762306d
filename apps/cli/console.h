#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

namespace impasto::cli {

/// Lines of text above one status line that is redrawn in place. Where the stream is no terminal,
/// status lines are not drawn. Every member may be called from several threads at once.
class Console {
 public:
  explicit Console(std::FILE* stream = stderr);

  /// Ends a status line, so that the shell's prompt begins on a line of its own.
  ~Console();

  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  bool is_terminal() const { return is_terminal_; }

  /// Columns of the terminal, asked anew at each call because a window can be resized; 80 when
  /// unknown.
  int width() const;

  /// Writes a line; the status line stays below it.
  void print(std::string_view line);

  /// Replaces the status line.
  void set_status(std::string_view line);

  /// Leaves the status line as it stands and goes on below it.
  void end_status();

 private:
  std::FILE* stream_;
  bool is_terminal_;
  std::mutex mutex_;
  std::string status_;
};

/// Sends the library's messages to `console` for as long as the object lives, warnings as "warning:
/// ...".
class LogToConsole {
 public:
  explicit LogToConsole(Console& console);
  ~LogToConsole();
  LogToConsole(const LogToConsole&) = delete;
  LogToConsole& operator=(const LogToConsole&) = delete;
};

}  // namespace impasto::cli
