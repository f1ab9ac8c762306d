#include "impasto/train/resume_check.h"

#include "impasto/base/error.h"
#include "impasto/base/hash.h"
#include "impasto/base/log.h"
#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

std::string change_text(const ConfigChange& change) {
  return change.field + ": " + change.before + " in the checkpoint, " + change.after + " now";
}

}  // namespace

std::string fingerprint_of(const std::vector<Image>& paintings) {
  Hash hash;
  for (const auto& painting : paintings) {
    hash.add(static_cast<std::uint64_t>(painting.width())).add(std::as_bytes(painting.pixels()));
  }
  return hash.text();
}

std::string fingerprint_of(const LossNetworkImpl& network) {
  Hash hash;
  for (const auto& buffer : network.named_buffers()) {
    hash.add(buffer.key()).add(std::span<const std::byte>(to_host_tensor(buffer.value()).data));
  }
  return hash.text();
}

void require_resumable(const Checkpoint& checkpoint,
                       const TrainConfig& config,
                       const LearnedFrom& found) {
  std::string refused;
  for (const auto& change : config_changes(checkpoint.config, config)) {
    if (!change.resumable) refused += "\n  " + change_text(change);
  }
  if (!refused.empty()) {
    throw ConfigError(
        "a run cannot be resumed with other values of these fields; take them back, or "
        "start a new run from its weights (init.from):" +
        refused);
  }
  if (checkpoint.paintings != found.paintings) {
    throw ConfigError("style.images: expected the paintings that the run began with, found others");
  }
  if (checkpoint.loss_network != found.loss_network) {
    throw ConfigError("loss.network: expected the weights that the run began with, found others");
  }
}

void report_differences(const Checkpoint& checkpoint,
                        const TrainConfig& config,
                        const std::string& environment) {
  for (const auto& change : config_changes(checkpoint.config, config)) {
    log_info("changed: " + change_text(change));
  }
  if (checkpoint.environment != environment) {
    log_warning("not bit for bit what the run would have become: it ran with " +
                checkpoint.environment + ", and now with " + environment);
  }
}

}  // namespace impasto
