#pragma once

// Private: not installed.

#include <cstdint>

#include "impasto/base/train_config.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// Called in a catch block: throws the current exception on, libtorch's as an Error in words for a
/// user. Out of memory names the batch and picture size, and what to change.
[[noreturn]] void rethrow_for_user(const TrainConfig& config);

/// Throws an Error that names the first term of `report` that is not a finite number, and what to
/// try.
void require_finite(const StepReport& report);

}  // namespace impasto
