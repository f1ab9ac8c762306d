#include "impasto/nn/style_model_io.h"

#include <ATen/ATen.h>
#include <torch/types.h>

#include <utility>

#include "impasto/base/error.h"
#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

/// Parameters, and with batch norm running statistics, by name; they share the module's memory.
torch::OrderedDict<std::string, at::Tensor> named_tensors(const Generator& generator) {
  auto tensors = generator->named_parameters();
  tensors.update(generator->named_buffers());
  return tensors;
}

}  // namespace

Generator make_generator(const StyleModel& model) {
  model.validate("style model");
  Generator generator(model.generator);
  const torch::NoGradGuard no_grad;
  for (auto& entry : named_tensors(generator)) {
    entry.value().copy_(to_tensor(model.tensors.at(entry.key())));
  }
  generator->eval();
  return generator;
}

StyleModel make_style_model(const Generator& generator, std::vector<std::string> styles) {
  const GeneratorConfig& config = generator->config();
  if (styles.size() != static_cast<std::size_t>(config.styles)) {
    throw ConfigError("style model: expected " + std::to_string(config.styles) +
                      (config.styles == 1 ? " style name" : " style names") + ", found " +
                      std::to_string(styles.size()));
  }
  StyleModel model;
  model.generator = config;
  model.styles = std::move(styles);
  for (const auto& entry : named_tensors(generator)) {
    model.tensors.emplace(entry.key(), to_host_tensor(entry.value().to(at::kFloat)));
  }
  return model;
}

}  // namespace impasto
