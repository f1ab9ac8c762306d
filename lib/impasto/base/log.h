#pragma once

#include <functional>
#include <string_view>

namespace impasto {

enum class LogLevel { kInfo, kWarning };

/// Receives what the library has to say outside of errors, such as a picture that was skipped.
/// May be called from any thread, one call at a time.
using LogSink = std::function<void(LogLevel, std::string_view message)>;

/// Replaces the process-wide sink. The default discards everything: a library does not print.
void set_log_sink(LogSink sink);

void log_info(std::string_view message);
void log_warning(std::string_view message);

}  // namespace impasto
