#pragma once

#include "cli/console.h"
#include "impasto/base/image_source.h"
#include "impasto/train/trainer.h"

namespace impasto::cli {

/// Runs a few steps of `trainer` and prints on stdout what the whole run would take: parameters,
/// FLOPs, memory, time.
void dry_run(Trainer& trainer, const ImageSource& photos, Console& console);

}  // namespace impasto::cli
