#pragma once

#include <cstddef>
#include <cstdint>

#include "impasto/base/train_config.h"

namespace impasto {

/// Pictures of one optimizer step, over all processes: data.batch_size times optimizer.accumulate.
std::int64_t pictures_per_step(const TrainConfig& config);

/// Optimizer steps of the whole run: `steps`, or `epochs` over `pictures` at `batch` pictures a
/// step, rounded up.
std::int64_t total_steps(const ScheduleConfig& schedule, std::size_t pictures, std::int64_t batch);

/// The learning rate at the peak for `pictures` a step: learning_rate as the config has it, or
/// scaled with pictures / rate_pictures as rate_scaling says.
double peak_rate(const OptimizerConfig& optimizer, std::int64_t pictures);

/// What the peak learning rate is multiplied by at `step` (from 0) of `total`, for w warm-up steps:
///
///     warm-up      min(1, (step + 1) / (w + 1)), which multiplies the rest
///     `constant`   1
///     `step`       step_factor ^ floor(step / step_every)
///     `cosine`     final + (1 - final) (1 + cos(pi p)) / 2, p = (step - w) / (total - w), from 0
///     on
double schedule_factor(const ScheduleConfig& schedule, std::int64_t step, std::int64_t total);

}  // namespace impasto
