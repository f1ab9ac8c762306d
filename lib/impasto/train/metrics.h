#pragma once

#include <filesystem>
#include <fstream>

#include "impasto/train/trainer.h"

namespace impasto {

/// Appends one JSON object a line to `metrics.jsonl`: the fields of StepReport under their own
/// names. docs/training.md lists them.
class MetricsWriter {
 public:
  /// Throws IoError when the file cannot be opened.
  explicit MetricsWriter(const std::filesystem::path& path);

  /// The line is handed to the system at once, so that a run can be watched. Throws IoError when it
  /// cannot be written.
  void write(const StepReport& report);

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace impasto
