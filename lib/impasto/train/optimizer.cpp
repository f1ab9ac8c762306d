#include "impasto/train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdint>
#include <memory>
#include <tuple>

#include "impasto/nn/tensors.h"
#include "impasto/train/muon.h"

namespace impasto {
namespace {

using torch::optim::AdamParamState;

constexpr const char* kSteps = "adam.steps";
constexpr const char* kMomentum = "muon.momentum.";

// A weight between features and features: not of the convolutions that read or write pixels, nor of
// depthwise ones.
bool is_matrix(const at::Tensor& parameter) {
  return parameter.dim() == 4 && parameter.size(0) > 3 && parameter.size(1) > 3;
}

NamedTensors moved_by_adam(const NamedTensors& parameters, OptimizerKind kind) {
  if (kind == OptimizerKind::kAdam) return parameters;
  if (kind == OptimizerKind::kSgd) return NamedTensors();
  NamedTensors others;
  for (const auto& parameter : parameters) {
    if (!is_matrix(parameter.value())) others.insert(parameter.key(), parameter.value());
  }
  return others;
}

bool is_output(const std::string& name) { return name.starts_with("output."); }

std::vector<torch::optim::OptimizerParamGroup> inner_and_output(const NamedTensors& parameters) {
  std::vector<at::Tensor> inner, output;
  for (const auto& parameter : parameters) {
    (is_output(parameter.key()) ? output : inner).push_back(parameter.value());
  }
  return {torch::optim::OptimizerParamGroup(inner), torch::optim::OptimizerParamGroup(output)};
}

}  // namespace

Optimizer::Optimizer(const NamedTensors& parameters,
                     const OptimizerConfig& config,
                     double output_gain)
    : config_(config),
      output_gain_(output_gain),
      plain_(config.kind == OptimizerKind::kSgd ? parameters : NamedTensors()),
      others_(moved_by_adam(parameters, config.kind)),
      adam_(inner_and_output(others_),
            torch::optim::AdamOptions(config.learning_rate)
                .betas(std::make_tuple(config.beta1, config.beta2))) {
  if (config.kind != OptimizerKind::kMuon) return;
  for (const auto& parameter : parameters) {
    if (!is_matrix(parameter.value())) continue;
    matrices_.push_back({.name = parameter.key(),
                         .weights = parameter.value(),
                         .momentum = at::zeros_like(parameter.value())});
  }
}

void Optimizer::zero_grad() {
  adam_.zero_grad();
  for (auto& parameter : plain_) parameter.value().mutable_grad().reset();
  for (auto& matrix : matrices_) matrix.weights.mutable_grad().reset();
}

void Optimizer::step(double factor) {
  const double rate = config_.learning_rate * factor;
  adam_.param_groups()[0].options().set_lr(rate);
  adam_.param_groups()[1].options().set_lr(rate * output_gain_);
  adam_.step();
  for (auto& matrix : matrices_) {
    muon_step(matrix.weights, matrix.momentum, config_.matrix_factor * rate);
  }
  const c10::NoGradGuard no_grad;
  for (auto& parameter : plain_) {
    const double gain = is_output(parameter.key()) ? output_gain_ : 1;
    parameter.value().sub_(parameter.value().grad(), rate * gain);
  }
}

std::map<std::string, HostTensor> Optimizer::state() {
  std::map<std::string, HostTensor> tensors;
  for (const auto& parameter : others_) {
    const auto entry = adam_.state().find(parameter.value().unsafeGetTensorImpl());
    if (entry == adam_.state().end()) continue;  // no step yet, or no gradient ever
    const auto& state = static_cast<const AdamParamState&>(*entry->second);
    tensors["adam.mean." + parameter.key()] = to_host_tensor(state.exp_avg());
    tensors["adam.square." + parameter.key()] = to_host_tensor(state.exp_avg_sq());
    tensors[kSteps] = to_host_tensor(at::scalar_tensor(state.step(), at::kLong));
  }
  for (const auto& matrix : matrices_) {
    tensors[kMomentum + matrix.name] = to_host_tensor(matrix.momentum);
  }
  return tensors;
}

void Optimizer::restore(const std::map<std::string, HostTensor>& tensors) {
  const auto restored = [&](const std::string& name, const at::Tensor& parameter) {
    return named_tensor(tensors, name, parameter.sizes()).to(parameter.device());
  };
  for (auto& matrix : matrices_) {
    matrix.momentum.copy_(restored(kMomentum + matrix.name, matrix.weights));
  }
  adam_.state().clear();
  if (!tensors.contains(kSteps)) return;
  const auto steps = named_tensor(tensors, kSteps, {}).item<std::int64_t>();
  for (const auto& parameter : others_) {
    if (!tensors.contains("adam.mean." + parameter.key())) continue;
    auto state = std::make_unique<AdamParamState>();
    state->step(steps);
    state->exp_avg(restored("adam.mean." + parameter.key(), parameter.value()));
    state->exp_avg_sq(restored("adam.square." + parameter.key(), parameter.value()));
    adam_.state()[parameter.value().unsafeGetTensorImpl()] = std::move(state);
  }
}

}  // namespace impasto
