#pragma once

// Private: not installed.

#include <cstdint>
#include <optional>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/train_config.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// Called in a catch block: throws the current exception on, libtorch's as an Error in words for a
/// user. Out of memory names the batch and picture size, and what to change.
[[noreturn]] void rethrow_for_user(const TrainConfig& config);

/// Why a step cannot be taken.
struct Fault {
  std::string term;    ///< "style loss is inf"
  std::string advice;  ///< What to try.
};

/// The first term of `report` that is not a finite number; nothing when all are.
std::optional<Fault> find_fault(const StepReport& report);

/// When `in_a_row` steps were skipped up to `report`.
Error too_many_skipped(const StepReport& report, const Fault& fault, std::int64_t in_a_row);

}  // namespace impasto
