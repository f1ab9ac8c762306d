#pragma once

// Private: not installed.

#include <cstddef>
#include <map>
#include <string>

#include "impasto/base/train_config.h"
#include "impasto/nn/generator.h"
#include "impasto/train/process_group.h"
#include "impasto/train/resume_check.h"

namespace impasto {

/// Throws ConfigError for a run that cannot be shared by so many processes: batches that cannot be
/// divided, or batch norm, whose statistics are of a whole batch.
void require_divisible(const TrainConfig& config, int processes);

/// Throws ConfigError where this process would learn something else than the first one: another
/// program, config, photos, paintings or loss network.
void require_same_run(ProcessGroup& group, const TrainConfig& config, const LearnedFrom& found);

/// Gives the first process's weights to all: equal seeds give equal weights on equal machines
/// alone.
void share_weights(ProcessGroup& group, Generator generator);

/// The mean over all processes of each of the numbers, which all have under the same names.
std::map<std::string, double> mean_over(ProcessGroup& group, std::map<std::string, double> values);

/// What any of the processes has found bad: numbers and reasons.
std::map<std::size_t, std::string> gather_bad_pictures(
    ProcessGroup& group, const std::map<std::size_t, std::string>& own);

}  // namespace impasto
