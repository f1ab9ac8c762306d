#include "impasto/train/initial_model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

void require_new_names(const std::vector<std::string>& added,
                       const std::vector<std::string>& names) {
  for (const auto& name : added) {
    if (std::ranges::find(names, name) == names.end()) continue;
    throw ConfigError("style.names: the model has a style '" + name +
                      "' already; give the new one another name");
  }
}

// `tensor` [styles,C] with rows added up to `count`.
HostTensor with_new_rows(const HostTensor& tensor, std::int64_t count) {
  const auto rows = to_tensor(tensor).to(at::kFloat);
  const auto row = rows.mean(0, /*keepdim=*/true);
  return to_host_tensor(at::cat({rows, row.repeat({count - rows.size(0), 1})}));
}

void add_styles(StyleModel& model, const std::vector<std::string>& names) {
  require_new_names(names, model.styles);
  model.styles.insert(model.styles.end(), names.begin(), names.end());
  model.generator.styles = static_cast<int>(model.styles.size());
  for (auto& [name, tensor] : model.tensors) {
    const bool is_row = name.find(".norm") != std::string::npos;
    if (is_row) tensor = with_new_rows(tensor, model.generator.styles);
  }
}

}  // namespace

StyleModel initial_model(const StyleModel& model, const TrainConfig& config) {
  StyleModel initial = model;
  const auto names = config.style.effective_names();
  if (config.init.add_styles) {
    add_styles(initial, names);
  } else {
    initial.styles = names;
  }
  initial.generator.margin = config.generator.margin;  // No tensor depends on it.
  if (initial.generator != config.generator) {
    throw ConfigError("init.from: expected a model with the generator " +
                      to_json(config.generator) + ", found " + to_json(initial.generator));
  }
  return initial;
}

}  // namespace impasto
