#include "dry_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "cli/interrupt.h"
#include "cli/progress_bar.h"

namespace impasto::cli {
namespace {

// The first steps allocate memory and choose kernels.
constexpr std::int64_t kWarmUp = 2;
constexpr std::int64_t kMeasured = 5;

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<double>(usage.ru_maxrss) / 1e6;
#else
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
#endif
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

void dry_run(Trainer& trainer, const ImageSource& photos, Console& console) {
  console.print("dry run: " + std::to_string(kWarmUp + kMeasured) +
                " steps, of which nothing is kept");
  std::vector<double> ends;
  StepReport last;
  trainer.on_step([&](const StepReport& report) {
    last = report;
    ends.push_back(report.seconds);
    return interrupted() || report.step == kWarmUp + kMeasured ? Flow::kStop : Flow::kContinue;
  });
  trainer.fit(photos);

  std::vector<double> times;
  for (std::size_t i = std::min<std::size_t>(kWarmUp, ends.size() - 1); i < ends.size(); ++i) {
    times.push_back(ends[i] - (i > 0 ? ends[i - 1] : 0));
  }
  const double seconds = median(times);
  const TrainingCost cost = trainer.cost();
  std::printf("parameters         %lld, of which %lld are trained\n",
              static_cast<long long>(cost.parameters),
              static_cast<long long>(cost.trained_parameters));
  std::printf("computation        %.1f GFLOP a step in convolutions (%lld pictures)\n",
              cost.flops_per_step / 1e9,
              static_cast<long long>(cost.pictures_per_step));
  std::printf("memory             %.0f MB at most so far, in this process\n", peak_megabytes());
  std::printf("time               %.3f s a step, %.2f pictures/s (median of %zu steps)\n",
              seconds,
              static_cast<double>(cost.pictures_per_step) / seconds,
              times.size());
  std::printf("the whole run      %lld steps, about %s\n",
              static_cast<long long>(last.total),
              format_duration(seconds * static_cast<double>(last.total)).c_str());
}

}  // namespace impasto::cli
