#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

#include "cli/options.h"
#include "impasto/base/stylize_config.h"

namespace impasto::cli {

/// The options of `stylize`, and what `--help` says.
cxxopts::Options stylize_options();
std::string stylize_help(const cxxopts::Options& options);

/// What the command line asks for: its options above `--set` above the config file above the
/// defaults. Paths of options stay as they were typed.
struct StylizeArguments {
  StylizeConfig config;
  bool list_on_stdin = false;  ///< `--input -`: standard input names further pictures.
};

/// Throws UsageError or ConfigError.
StylizeArguments stylize_arguments(const cxxopts::ParseResult& arguments);

/// Throws UsageError unless there are pictures, a place for the results and a model.
void require_complete(const StylizeArguments& arguments);

/// Adds the paths that a list names, one a line; those of a list that holds NUL characters end with
/// them instead (`find -print0`). Empty ones are passed over.
void add_paths(std::istream& list, std::vector<std::filesystem::path>& paths);

}  // namespace impasto::cli
