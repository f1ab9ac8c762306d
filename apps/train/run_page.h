#pragma once

#include <filesystem>
#include <string>

namespace impasto::cli {

/// What stands at the head of a run's report.html.
struct RunPageHead {
  std::string title;        ///< Names of the styles.
  std::string description;  ///< What runs where.
};

/// Writes `report.html` in a run's folder from what lies there: config.json, metrics.jsonl and the
/// sheets in `samples`; a resumed run so shows all of itself. Throws IoError when it cannot be
/// written, and FormatError for a file of the run that is damaged.
void write_run_page(const std::filesystem::path& folder, const RunPageHead& head);

}  // namespace impasto::cli
