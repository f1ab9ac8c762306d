#pragma once

#include <string>

#include "impasto/base/launch_environment.h"
#include "stylize/arguments.h"
#include "stylize/jobs.h"

namespace impasto::cli {

/// What this process does of `jobs`, which every process of `launch` lists: each job falls to one
/// of them by its name alone, so that what comes or goes meanwhile moves no other.
Jobs share_of(Jobs jobs, const LaunchEnvironment& launch);

/// "process 1 of 4: 23 of 100 pictures and films"
std::string share_text(const LaunchEnvironment& launch, const Jobs& share, const Jobs& all);

/// The process's share of the host's cores, where nothing says how many threads it is to have.
/// Throws UsageError for a list on standard input, which no two processes can read.
void share_machine(StylizeArguments& arguments, const LaunchEnvironment& launch);

}  // namespace impasto::cli
