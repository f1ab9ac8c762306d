#pragma once

// A list option would split its values at commas, which file names and `--set style=a=0.7,b=0.3`
// hold. No argument can contain a NUL.
#ifdef CXXOPTS_HPP_INCLUDED
#error "include cli/options.h instead of <cxxopts.hpp>"
#endif
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>
#include <string>
#include <vector>

namespace impasto::cli {

/// Parses the command line. Throws UsageError that names the option for one that is unknown or
/// lacks its value, and for a stray argument.
cxxopts::ParseResult parse(cxxopts::Options& options, int argc, char** argv);

/// The values of a `std::vector<std::string>` option in their order, none when it is absent.
std::vector<std::string> values_of(const cxxopts::ParseResult& arguments,
                                   const std::string& option);

/// Throws UsageError unless `option` was given.
std::string required_value(const cxxopts::ParseResult& arguments, const std::string& option);

}  // namespace impasto::cli
