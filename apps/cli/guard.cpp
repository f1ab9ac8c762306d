#include "cli/guard.h"

#include <cstdio>
#include <exception>
#include <new>

#include "impasto/base/text.h"

namespace impasto::cli {
namespace {

int report(std::string_view program, std::string_view message, int code) {
  const std::string line = std::string(program) + ": " + printable(std::string(message)) + "\n";
  std::fflush(stdout);
  std::fwrite(line.data(), 1, line.size(), stderr);
  return code;
}

}  // namespace

int run_main(std::string_view program, const std::function<int()>& body) {
  try {
    return body();
  } catch (const UsageError& error) {
    const std::string hint = " (see '" + std::string(program) + " --help')";
    return report(program, error.what() + hint, kUsage);
  } catch (const ConfigError& error) {
    return report(program, error.what(), kUsage);
  } catch (const Error& error) {
    return report(program, error.what(), kFailed);
  } catch (const std::bad_alloc&) {
    return report(program, "out of memory: use smaller pictures or a smaller batch", kFailed);
  } catch (const std::exception& error) {
    return report(program, std::string("unexpected error: ") + error.what(), kFailed);
  }
}

std::string version_text(std::string_view program) {
  return std::string(program) + " (impasto) " + IMPASTO_VERSION;
}

}  // namespace impasto::cli
