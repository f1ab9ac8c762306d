#include "impasto/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace impasto {
namespace {

double shape(const ScheduleConfig& schedule, std::int64_t step, std::int64_t total) {
  switch (schedule.kind) {
    case ScheduleKind::kConstant:
      return 1.0;
    case ScheduleKind::kStep:
      return std::pow(schedule.step_factor, static_cast<double>(step / schedule.step_every));
    case ScheduleKind::kCosine: {
      const auto length = std::max<std::int64_t>(1, total - schedule.warmup_steps);
      const auto done = std::clamp<std::int64_t>(step - schedule.warmup_steps, 0, length);
      const double progress = static_cast<double>(done) / static_cast<double>(length);
      const double wave = (1 + std::cos(std::numbers::pi * progress)) / 2;
      return schedule.final_factor + (1 - schedule.final_factor) * wave;
    }
  }
  return 1.0;
}

}  // namespace

std::int64_t pictures_per_step(const TrainConfig& config) {
  return static_cast<std::int64_t>(config.data.batch_size) * config.optimizer.accumulate;
}

std::int64_t total_steps(const ScheduleConfig& schedule, std::size_t pictures, std::int64_t batch) {
  if (schedule.steps > 0) return schedule.steps;
  const double samples = schedule.epochs * static_cast<double>(pictures);
  return std::max<std::int64_t>(1, std::llround(std::ceil(samples / static_cast<double>(batch))));
}

double peak_rate(const OptimizerConfig& optimizer, std::int64_t pictures) {
  const double ratio = static_cast<double>(pictures) / optimizer.rate_pictures;
  switch (optimizer.rate_scaling) {
    case RateScaling::kNone:
      return optimizer.learning_rate;
    case RateScaling::kLinear:
      return optimizer.learning_rate * ratio;
    case RateScaling::kSquareRoot:
      return optimizer.learning_rate * std::sqrt(ratio);
  }
  return optimizer.learning_rate;
}

double schedule_factor(const ScheduleConfig& schedule, std::int64_t step, std::int64_t total) {
  const double warmup =
      static_cast<double>(step + 1) / static_cast<double>(schedule.warmup_steps + 1);
  return std::min(1.0, warmup) * shape(schedule, step, total);
}

}  // namespace impasto
