#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "impasto/base/error.h"

namespace impasto::cli {

/// What a program tells its caller.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

/// The command line itself is wrong. Reported like ConfigError, with a pointer to `--help`.
class UsageError : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

/// Runs `body` and returns its exit code. An exception becomes one line "program: message" on
/// stderr and kUsage for ConfigError, kFailed for every other one.
int run_main(std::string_view program, const std::function<int()>& body);

/// "stylize (impasto) 0.1.0"
std::string version_text(std::string_view program);

}  // namespace impasto::cli
