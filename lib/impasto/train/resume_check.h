#pragma once

// Private: not installed.

#include <string>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/base/train_config.h"
#include "impasto/nn/loss_network.h"
#include "impasto/train/checkpoint.h"

namespace impasto {

/// What a run's result hangs on beside its config, as Hash::text().
struct LearnedFrom {
  std::string photos = {};
  std::string paintings = {};
  std::string loss_network = {};
};

std::string fingerprint_of(const std::vector<Image>& paintings);
std::string fingerprint_of(const LossNetworkImpl& network);

/// Throws ConfigError where a run with `config` cannot go on from `checkpoint`: it lists every
/// field that differs and may not, or names the file whose content is another.
void require_resumable(const Checkpoint& checkpoint,
                       const TrainConfig& config,
                       const LearnedFrom& found);

/// Logs every field that differs, and, as a warning, what keeps the rest of the run from being
/// equal bit for bit to one that was never stopped.
void report_differences(const Checkpoint& checkpoint,
                        const TrainConfig& config,
                        const std::string& environment);

}  // namespace impasto
