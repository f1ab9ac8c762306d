#include "impasto/base/log.h"

#include <mutex>
#include <utility>

namespace impasto {

namespace {

struct Log {
  std::mutex mutex;
  LogSink sink;
};

Log& shared_log() {
  static Log log;
  return log;
}

void send(LogLevel level, std::string_view message) {
  Log& log = shared_log();
  const std::lock_guard lock(log.mutex);
  if (log.sink) log.sink(level, message);
}

}  // namespace

void set_log_sink(LogSink sink) {
  Log& log = shared_log();
  const std::lock_guard lock(log.mutex);
  log.sink = std::move(sink);
}

void log_info(std::string_view message) { send(LogLevel::kInfo, message); }
void log_warning(std::string_view message) { send(LogLevel::kWarning, message); }

}  // namespace impasto
