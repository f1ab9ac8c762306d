#pragma once

#include <filesystem>
#include <fstream>

#include "impasto/train/trainer.h"

namespace impasto {

/// Appends one JSON object a line to `metrics.jsonl`: the fields of StepReport. docs/training.md lists them.
class MetricsWriter {
 public:
  /// Throws IoError when the file cannot be opened.
  explicit MetricsWriter(const std::filesystem::path& path);

  /// Throws IoError when the line cannot be written.
  void write(const StepReport& report);

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace impasto
