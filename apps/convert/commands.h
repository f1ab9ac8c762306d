#pragma once

#include "cli/options.h"

namespace impasto::cli {

/// convert's commands. Each reads the command line, does what it asks for, and says on stdout what
/// it has written. Throws UsageError, and what the library throws.
void import_command(const cxxopts::ParseResult& arguments);
void export_command(const cxxopts::ParseResult& arguments);
void info_command(const cxxopts::ParseResult& arguments);

}  // namespace impasto::cli
