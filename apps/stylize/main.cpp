// stylize: applies a trained style to pictures.

#include <iostream>
#include <string>

#include "cli/console.h"
#include "cli/guard.h"
#include "cli/program.h"
#include "stylize/arguments.h"
#include "stylize/batch.h"
#include "stylize/jobs.h"

namespace {

using namespace impasto::cli;

constexpr const char* kProgram = "stylize";

int run(int argc, char** argv, Console& console) {
  cxxopts::Options options = stylize_options();
  const cxxopts::ParseResult parsed = parse(options, argc, argv);
  if (print_about(parsed,
                  {.program = kProgram,
                   .help = [&] { return stylize_help(options); },
                   .schema = impasto::stylize_config_schema})) {
    return kDone;
  }
  StylizeArguments arguments = stylize_arguments(parsed);
  if (parsed.count("print-config") > 0) {
    std::cout << impasto::to_json(arguments.config);
    return kDone;
  }
  require_complete(arguments);
  if (arguments.list_on_stdin) add_paths(std::cin, arguments.config.input);
  return run_batch(arguments.config, list_jobs(arguments.config, arguments.list_on_stdin), console);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(kProgram, [&](Console& console) { return run(argc, argv, console); });
}
