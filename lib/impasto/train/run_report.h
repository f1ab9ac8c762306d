#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "impasto/train/run_history.h"

namespace impasto {

/// A PNG or JPEG file's bytes.
using EncodedPicture = std::vector<std::byte>;

/// What the network made at `step`: one picture for each of RunReport::photos, or any others.
struct ReportSample {
  std::int64_t step = 0;                 ///< Optimizer steps done.
  std::vector<EncodedPicture> pictures;  ///< In the order of the photos.
};

/// What report.html shows. Texts are plain; they are escaped.
struct RunReport {
  std::string title = {};                   ///< Such as the style's name.
  std::string description = {};             ///< One line: what runs where.
  std::string config = {};                  ///< The effective config as JSON.
  RunHistory history = {};                  ///< What the curves show.
  std::vector<EncodedPicture> photos = {};  ///< Shown before the samples; may be empty.
  std::vector<ReportSample> samples = {};   ///< In order of steps.
};

/// From this share of active units down, a layer is mostly dead: the report warns.
inline constexpr double kDeadShare = 0.1;

/// From here on a ReLU layer's share of active units is healthy,
inline constexpr double kHealthyShareLow = 0.4;
/// and up to here.
inline constexpr double kHealthyShareHigh = 0.6;

/// Most samples that a report shows: the first, the last and evenly spread ones between. With the
/// photos they are one row of the page.
inline constexpr std::size_t kMaxReportSamples = 7;

/// A self-contained HTML page, light and dark as the viewer prefers, without scripts and without
/// anything from elsewhere: a curve per loss term with the held-out losses, learning rate, gradient
/// norm, speed, samples over time, activity of each layer, counts of skipped steps and bad
/// pictures, and the config. Long histories are thinned, so that the page grows with its pictures
/// alone. Throws FormatError for a picture that is neither PNG nor JPEG.
std::string run_report_html(const RunReport& report);

/// Written atomically: a browser that reloads sees the old page or the new one. Throws IoError.
void write_run_report(const std::filesystem::path& path, const RunReport& report);

}  // namespace impasto
