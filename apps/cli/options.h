#pragma once

// A list option would split its values at commas, which file names and `--set style=a=0.7,b=0.3`
// hold. No argument can contain a NUL.
#ifdef CXXOPTS_HPP_INCLUDED
#error "include cli/options.h instead of <cxxopts.hpp>"
#endif
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>
#include <functional>
#include <string>
#include <vector>

namespace impasto::cli {

/// Parses the command line. Throws UsageError that names the option for one that is unknown or
/// lacks its value, and for a stray argument.
cxxopts::ParseResult parse(cxxopts::Options& options, int argc, char** argv);

/// Adds the groups "Config" (--config, --set, --print-config, --print-schema) and "Other" (--help,
/// --version) of a program whose options all stand above a config file that it can do without.
void add_config_options(cxxopts::Options& options);

/// What a program has to say of itself, made only when asked for: a start-up should not pay for it.
struct ProgramTexts {
  std::string program;
  std::function<std::string()> help;
  std::function<std::string()> schema;
};

/// Prints what --help, --version or --print-schema asks for on stdout. Returns whether one did, and
/// so whether the program is done.
bool print_about(const cxxopts::ParseResult& arguments, const ProgramTexts& texts);

/// The values of a `std::vector<std::string>` option in their order, none when it is absent.
std::vector<std::string> values_of(const cxxopts::ParseResult& arguments,
                                   const std::string& option);

/// Throws UsageError unless `option` was given.
std::string required_value(const cxxopts::ParseResult& arguments, const std::string& option);

}  // namespace impasto::cli
