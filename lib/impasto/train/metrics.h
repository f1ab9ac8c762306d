#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "impasto/train/run_records.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// Appends one JSON object a line to `metrics.jsonl`; docs/training.md lists the keys. A number
/// that is not finite becomes null. `read_run_history` reads the file back.
class MetricsWriter {
 public:
  /// Throws IoError when the file cannot be opened.
  explicit MetricsWriter(const std::filesystem::path& path);

  /// Each line is handed to the system at once, so that a run can be watched. Throws IoError when
  /// it cannot be written.
  ///
  /// The report's fields under their own names.
  void write(const StepReport& report);

  /// `{"step":500,"validation":{"content":0.9,"style":0.3,"tv":0.01,"loss":1.21}}`
  void write(const ValidationReport& report);

  /// `{"step":500,"active":{"encoder.0.activation":0.5,...}}`
  void write(const ActivityReport& report);

 private:
  void write_line(const std::string& line);

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace impasto
