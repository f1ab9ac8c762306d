#include "impasto/train/shared_run.h"

#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/safetensors.h"
#include "impasto/train/named_tensors.h"

namespace impasto {
namespace {

using Json = nlohmann::json;

void require_same(const Json& first, const Json& own, const char* what, const ProcessGroup& group) {
  if (first.at(what) == own.at(what)) return;
  throw ConfigError(std::string(what) + ": expected by process " + std::to_string(group.rank()) +
                    " as by process 0, found others: " + own.at(what).dump() + " instead of " +
                    first.at(what).dump());
}

}  // namespace

void require_divisible(const TrainConfig& config, int processes) {
  if (config.data.batch_size % processes != 0) {
    throw ConfigError("data.batch_size: expected a multiple of the " + std::to_string(processes) +
                      " processes, among which each batch is divided, found " +
                      std::to_string(config.data.batch_size));
  }
  if (processes > 1 && config.generator.norm == Norm::kBatch) {
    throw ConfigError(
        "generator.norm: expected 'instance' or 'conditional_instance' for several processes, "
        "found 'batch', whose statistics are of a whole batch");
  }
}

void require_same_run(ProcessGroup& group, const TrainConfig& config, const LearnedFrom& found) {
  const Json own = {{"program", "impasto " IMPASTO_VERSION ", libtorch " TORCH_VERSION},
                    {"data.path", found.photos},
                    {"style.images", found.paintings},
                    {"loss.network", found.loss_network},
                    {"config", to_json(config)}};
  const Json first = Json::parse(group.broadcast(own.dump()));
  require_same(first, own, "program", group);
  const auto first_config =
      train_config_from_json(first.at("config").get<std::string>(), "config of process 0");
  for (const auto& change : config_changes(first_config, config)) {
    if (change.resumable) continue;
    throw ConfigError(change.field + ": expected in process " + std::to_string(group.rank()) + " " +
                      change.before + " as in process 0, found " + change.after);
  }
  for (const char* what : {"data.path", "style.images", "loss.network"}) {
    require_same(first, own, what, group);
  }
}

void share_weights(ProcessGroup& group, Generator generator) {
  if (group.size() == 1) return;
  const auto bytes = serialize_safetensors({{}, module_tensors(*generator, "")});
  const std::string first =
      group.broadcast({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto file = parse_safetensors(std::as_bytes(std::span(first)), "weights of process 0");
  restore_module(*generator, "", file.tensors);
}

std::map<std::string, double> mean_over(ProcessGroup& group, std::map<std::string, double> values) {
  std::vector<double> numbers;
  for (const auto& [name, value] : values) numbers.push_back(value);
  const auto sums = group.sum(std::move(numbers));
  auto sum = sums.begin();
  for (auto& [name, value] : values) value = *sum++ / group.size();
  return values;
}

std::map<std::size_t, std::string> gather_bad_pictures(
    ProcessGroup& group, const std::map<std::size_t, std::string>& own) {
  std::map<std::size_t, std::string> all;
  for (const auto& text : group.gather(Json(own).dump())) {
    all.merge(Json::parse(text).get<std::map<std::size_t, std::string>>());
  }
  return all;
}

}  // namespace impasto
