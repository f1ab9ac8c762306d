#pragma once

#include "cli/console.h"
#include "impasto/base/stylize_config.h"
#include "stylize/jobs.h"

namespace impasto::cli {

/// Stylizes the pictures of `jobs`: decodes the next and encodes the last while the network runs.
/// Reports on standard output what was written, on standard error how far it is and, at the end,
/// each picture that failed. Returns kDone or kFailed. Throws what loading the model throws.
int run_batch(const StylizeConfig& config, const Jobs& jobs, Console& console);

}  // namespace impasto::cli
