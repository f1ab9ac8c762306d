#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "impasto/train/run_records.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// What a run has noted down, in the order in which it was written.
struct RunHistory {
  std::vector<StepReport> steps;              ///< One for each line about a step.
  std::vector<ValidationReport> validations;  ///< Losses on held-out photos.
  std::vector<ActivityReport> activities;     ///< Of the generator's layers.
};

/// Reads what MetricsWriter wrote, over all starts of a run. Keys that are absent keep their
/// defaults, a null is not a number (NaN), and lines of other kinds are passed over, so that files
/// of other versions can be read. So is a last line without its line end: the run was cut off, or
/// is writing it. Throws IoError when the file cannot be read and FormatError with the line's
/// number for one that is damaged.
RunHistory read_run_history(const std::filesystem::path& metrics);

}  // namespace impasto
