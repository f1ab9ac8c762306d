#include "cli/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace impasto::cli {
namespace {

constexpr int kLongestBar = 30;
constexpr int kShortestBar = 5;

double share_done(const Progress& progress) {
  const double share = static_cast<double>(progress.step) / static_cast<double>(progress.total);
  return std::clamp(share, 0.0, 1.0);
}

std::string format(const char* pattern, auto... values) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

}  // namespace

std::string progress_line(const Progress& progress, int width) {
  const auto cut = [width](const std::string& line) {
    return line.substr(0, static_cast<std::size_t>(std::max(width, 0)));
  };
  const std::string rate =
      format(progress.rate < 100 ? "%.1f" : "%.0f", progress.rate) + " " + progress.unit + "/s";
  const std::string terms = progress.terms.empty() ? "" : "  " + progress.terms;
  if (progress.total <= 0) {
    return cut(std::to_string(progress.step) + " " + progress.unit + terms + "  " + rate);
  }
  const double share = share_done(progress);
  const std::string percent = format("%3d%%", static_cast<int>(share * 100));
  const std::string rest = "  " + std::to_string(progress.step) + "/" +
                           std::to_string(progress.total) + terms + "  " + rate + "  ETA " +
                           format_duration(progress.eta);

  constexpr int kFrame = 3;  // A space and two brackets.
  const int room = width - static_cast<int>(percent.size() + rest.size()) - kFrame;
  std::string bar;
  if (room >= kShortestBar) {
    const int length = std::min(room, kLongestBar);
    const int filled = static_cast<int>(share * length);
    bar = " [" + std::string(filled, '#') + std::string(length - filled, '.') + "]";
  }
  return cut(percent + bar + rest);
}

std::string format_duration(double seconds) {
  constexpr double kLongest = 1e9;
  if (!(seconds >= 0) || seconds > kLongest) return "-:--";
  const long long whole = std::llround(seconds);
  const int hours = static_cast<int>(whole / 3600);
  const int minutes = static_cast<int>(whole / 60 % 60);
  const int rest = static_cast<int>(whole % 60);
  return hours > 0 ? format("%d:%02d:%02d", hours, minutes, rest)
                   : format("%d:%02d", minutes, rest);
}

void ProgressBar::update(const Progress& progress) {
  using std::chrono::steady_clock;
  const auto interval =
      console_.is_terminal() ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  const auto now = steady_clock::now();
  const bool last = progress.total > 0 && progress.step >= progress.total;
  if (last_shown_ && !last && now - *last_shown_ < interval) return;
  last_shown_ = now;

  if (!console_.is_terminal()) {
    constexpr int kLogWidth = 200;
    console_.print(progress_line(progress, kLogWidth));
    return;
  }
  // One column is left free: a full line makes some terminals wrap, and \r then misses the first
  // half.
  console_.set_status(progress_line(progress, console_.width() - 1));
  if (last) console_.end_status();
}

}  // namespace impasto::cli
