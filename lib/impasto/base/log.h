#pragma once

#include <functional>
#include <string_view>

namespace impasto {

/// Whether a message is for the curious or for everybody.
enum class LogLevel { kInfo, kWarning };

/// Receives what the library has to say outside of errors, such as a picture that was skipped.
/// May be called from any thread, one call at a time.
using LogSink = std::function<void(LogLevel, std::string_view message)>;

/// Replaces the process-wide sink. The default discards everything: a library does not print.
void set_log_sink(LogSink sink);

/// Hands one line, without its end, to the sink.
void log_info(std::string_view message);

/// The same as a warning: something was done otherwise than the caller may expect.
void log_warning(std::string_view message);

}  // namespace impasto
