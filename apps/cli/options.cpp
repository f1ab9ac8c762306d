#include "cli/options.h"

#include <cctype>
#include <iostream>

#include "cli/guard.h"
#include "impasto/base/text.h"

namespace impasto::cli {
namespace {

std::vector<std::string> long_names(const cxxopts::Options& options) {
  std::vector<std::string> names;
  for (const auto& group : options.groups()) {
    for (const auto& option : options.group_help(group).options) {
      for (const auto& name : option.l) names.push_back("--" + name);
    }
  }
  return names;
}

// cxxopts writes "Option ‘model’ is missing an argument" with typographic quotes on some systems.
std::string in_our_style(std::string message) {
  for (const std::string quote : {"\u2018", "\u2019"}) {
    for (auto at = message.find(quote); at != std::string::npos; at = message.find(quote)) {
      message.replace(at, quote.size(), "'");
    }
  }
  if (!message.empty()) {
    message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  }
  return message;
}

}  // namespace

cxxopts::ParseResult parse(cxxopts::Options& options, int argc, char** argv) {
  // Unknown options are collected and reported below, where a likely slip can be named.
  options.allow_unrecognised_options();
  cxxopts::ParseResult arguments;
  try {
    arguments = options.parse(argc, argv);
  } catch (const cxxopts::exceptions::exception& error) {
    throw UsageError(in_our_style(error.what()));
  }
  if (!arguments.unmatched().empty()) {
    const std::string& first = arguments.unmatched().front();
    if (first.size() < 2 || first[0] != '-') {
      throw UsageError("unexpected argument '" + first + "': every value follows an option");
    }
    const std::string name = first.substr(0, first.find('='));
    throw UsageError("unknown option '" + name + "'" + did_you_mean(name, long_names(options)));
  }
  return arguments;
}

void add_config_options(cxxopts::Options& options) {
  options.add_options("Config")  //
      ("config",
       "JSON file with any of the keys below",
       cxxopts::value<std::string>(),
       "FILE")  //
      ("set",
       "Set a key; may be repeated. Overrides the file; the options above override both",
       cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE")                                                    //
      ("print-config", "Print the effective config as JSON and stop")  //
      ("print-schema", "Print the JSON Schema of the config for editors and stop");
  options.add_options("Other")              //
      ("help", "Print this text and stop")  //
      ("version", "Print the version and stop");
}

bool print_about(const cxxopts::ParseResult& arguments, const ProgramTexts& texts) {
  if (arguments.count("help") > 0) {
    std::cout << texts.help();
  } else if (arguments.count("version") > 0) {
    std::cout << version_text(texts.program) << "\n";
  } else if (arguments.count("print-schema") > 0) {
    std::cout << texts.schema();
  } else {
    return false;
  }
  return true;
}

std::vector<std::string> values_of(const cxxopts::ParseResult& arguments,
                                   const std::string& option) {
  if (arguments.count(option) == 0) return {};
  return arguments[option].as<std::vector<std::string>>();
}

std::string required_value(const cxxopts::ParseResult& arguments, const std::string& option) {
  if (arguments.count(option) == 0) throw UsageError("option '--" + option + "' is required");
  return arguments[option].as<std::string>();
}

}  // namespace impasto::cli
