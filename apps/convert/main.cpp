// convert: reads and writes other programs' models, and tells what is in a file.

#include <map>
#include <string>
#include <vector>

#include "cli/guard.h"
#include "cli/options.h"
#include "convert/arguments.h"
#include "convert/commands.h"

namespace {

using namespace impasto::cli;

constexpr const char* kProgram = "convert";

int run(int argc, char** argv) {
  cxxopts::Options options = convert_options();
  const cxxopts::ParseResult arguments = parse(options, argc, argv);
  if (print_about(
          arguments,
          {.program = kProgram, .help = [&] { return convert_help(options); }, .schema = {}})) {
    return kDone;
  }
  const std::map<std::string, void (*)(const cxxopts::ParseResult&)> commands = {
      {"import", import_command}, {"export", export_command}, {"info", info_command}};
  const std::string command = text_of(arguments, "command");
  const auto found = commands.find(command);
  if (found == commands.end()) {
    const std::vector<std::string> names = {"import", "export", "info"};
    throw UsageError("expected import, export or info, found " +
                     (command.empty()
                          ? std::string("nothing")
                          : "'" + command + "'" + impasto::did_you_mean(command, names)));
  }
  found->second(arguments);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main(kProgram, [&] { return run(argc, argv); });
}
