#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/guard.h"
#include "cli/options.h"
#include "impasto/base/text.h"

namespace impasto::cli {

cxxopts::Options convert_options();

/// Usage, options and explanations, of at most 100 columns.
std::string convert_help(const cxxopts::Options& options);

/// The option's text, or `otherwise` where it is not given.
std::string text_of(const cxxopts::ParseResult& arguments,
                    const std::string& option,
                    const std::string& otherwise = "");

/// The command's file: `in` or `out`. Throws UsageError "expected <what>" without it.
std::filesystem::path file_of(const cxxopts::ParseResult& arguments,
                              const std::string& name,
                              const std::string& what);

/// Throws UsageError where the two are one file.
void require_another_file(const std::filesystem::path& in, const std::filesystem::path& out);

/// The whole number that the option gives, from `least`. Throws UsageError for other text.
int number_of(const cxxopts::ParseResult& arguments, const std::string& option, int least = 1);

/// The value that goes by the name which `option` gives. Throws UsageError that lists the names.
template <class Value>
Value chosen(const cxxopts::ParseResult& arguments,
             const std::string& option,
             const std::map<std::string, Value>& values) {
  const std::string name = text_of(arguments, option);
  if (const auto found = values.find(name); found != values.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, value] : values) names.push_back(known);
  throw UsageError("option '--" + option + "': expected " + join(names) + ", found '" + name + "'" +
                   did_you_mean(name, names));
}

}  // namespace impasto::cli
