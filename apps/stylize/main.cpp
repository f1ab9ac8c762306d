// stylize: applies a trained style to pictures.

#include <iostream>
#include <string>

#include "cli/console.h"
#include "cli/guard.h"
#include "cli/program.h"
#include "impasto/base/launch_environment.h"
#include "stylize/arguments.h"
#include "stylize/batch.h"
#include "stylize/jobs.h"
#include "stylize/share.h"

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
  const auto launch = impasto::read_launch_environment();
  if (launch.is_shared()) share_machine(arguments, launch);
  if (arguments.list_on_stdin) add_paths(std::cin, arguments.config.input);
  const Jobs jobs = list_jobs(arguments.config, arguments.list_on_stdin);
  if (!launch.is_shared()) return run_batch(arguments.config, jobs, console);
  const Jobs share = share_of(jobs, launch);
  console.print(share_text(launch, share, jobs));
  return run_batch(arguments.config, share, console);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(kProgram, [&](Console& console) { return run(argc, argv, console); });
}
