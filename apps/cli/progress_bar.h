#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/console.h"

namespace impasto::cli {

/// Where a long job stands.
struct Progress {
  std::int64_t step = 0;   ///< Steps done.
  std::int64_t total = 0;  ///< Steps of the whole job; 0: not known.
  std::string terms = {};  ///< What is being watched: "content 0.81  style 0.35".
  double rate = 0;         ///< Units a second.
  std::string unit = "pictures";
  double eta = 0;  ///< Seconds to the end.
};

/// " 45% [#####......]  450/1000  content 0.81  4.6 pictures/s  ETA 1:02:03", at most `width`
/// columns: the bar shrinks first and is dropped when there is no room for it, then the end is cut.
/// Without a total, "450 frames  4.6 frames/s".
std::string progress_line(const Progress& progress, int width);

/// "2:03", or "1:02:03" from an hour on, "-:--" when it is not known (negative or not finite).
std::string format_duration(double seconds);

/// Shows a job's progress: one line redrawn in place on a terminal, else a plain line every ten
/// seconds, so that a log file stays short. The first and the last step are always shown.
class ProgressBar {
 public:
  explicit ProgressBar(Console& console) : console_(console) {}

  void update(const Progress& progress);

 private:
  Console& console_;
  std::optional<std::chrono::steady_clock::time_point> last_shown_;
};

}  // namespace impasto::cli
