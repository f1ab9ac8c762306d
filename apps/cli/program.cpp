#include "cli/program.h"

#include "cli/guard.h"
#include "cli/memory.h"

namespace impasto::cli {

int run_program(std::string_view program, const std::function<int(Console&)>& body) {
  keep_large_allocations();
  Console console;
  const LogToConsole log(console);
  return run_main(program, [&] { return body(console); });
}

}  // namespace impasto::cli
