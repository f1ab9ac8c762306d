#include "impasto/train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "impasto/nn/tensors.h"
#include "impasto/train/muon.h"

namespace impasto {
namespace {

constexpr const char* kMomentum = "muon.momentum.";

// A weight between features and features: not of the convolutions that read or write pixels, nor of
// depthwise ones.
bool is_matrix(const at::Tensor& parameter) {
  return parameter.dim() == 4 && parameter.size(0) > 3 && parameter.size(1) > 3;
}

bool is_output(const std::string& name) { return name.starts_with("output."); }

/// Those of `parameters` that Adam moves, in the last convolution or before it.
NamedTensors moved_by_adam(const NamedTensors& parameters, OptimizerKind kind, bool in_output) {
  NamedTensors moved;
  if (kind == OptimizerKind::kSgd) return moved;
  for (const auto& parameter : parameters) {
    const bool by_muon = kind == OptimizerKind::kMuon && is_matrix(parameter.value());
    if (!by_muon && is_output(parameter.key()) == in_output) {
      moved.insert(parameter.key(), parameter.value());
    }
  }
  return moved;
}

}  // namespace

Optimizer::Optimizer(const NamedTensors& parameters,
                     const OptimizerConfig& config,
                     double output_gain)
    : config_(config),
      output_gain_(output_gain),
      rate_(at::zeros({}, parameters.front().value().options().requires_grad(false))),
      output_rate_(at::zeros_like(rate_)),
      parameters_(parameters),
      plain_(config.kind == OptimizerKind::kSgd ? parameters : NamedTensors()),
      inner_(moved_by_adam(parameters, config.kind, false), config.beta1, config.beta2),
      output_(moved_by_adam(parameters, config.kind, true), config.beta1, config.beta2) {
  if (config.kind != OptimizerKind::kMuon) return;
  for (const auto& parameter : parameters) {
    if (!is_matrix(parameter.value())) continue;
    auto of_its_shape = std::find_if(matrices_.begin(), matrices_.end(), [&](const Matrices& set) {
      return set.weights[0].sizes() == parameter.value().sizes();
    });
    if (of_its_shape == matrices_.end()) of_its_shape = matrices_.emplace(matrices_.end());
    of_its_shape->names.push_back(parameter.key());
    of_its_shape->weights.push_back(parameter.value());
  }
  const c10::NoGradGuard no_grad;
  for (auto& set : matrices_) set.momentum = at::zeros_like(at::stack(set.weights));
}

void Optimizer::zero_grad() {
  for (auto& parameter : parameters_) parameter.value().mutable_grad().reset();
}

void Optimizer::step(double factor) {
  const double rate = config_.learning_rate * factor;
  rate_.fill_(rate);
  output_rate_.fill_(rate * output_gain_);
  recorded_ ? recorded_->run() : move();
}

void Optimizer::record_on(const c10::Device& device) {
  recorded_.emplace(device, [this] { move(); });
}

void Optimizer::move() {
  const c10::NoGradGuard no_grad;
  inner_.step(rate_);
  output_.step(output_rate_);
  for (auto& set : matrices_) {
    muon_step(set.weights, set.momentum, config_.matrix_factor * rate_);
  }
  for (auto& parameter : plain_) {
    const at::Tensor& rate = is_output(parameter.key()) ? output_rate_ : rate_;
    parameter.value().sub_(parameter.value().grad() * rate);
  }
}

std::map<std::string, HostTensor> Optimizer::state() const {
  std::map<std::string, HostTensor> tensors;
  inner_.store(tensors);
  output_.store(tensors);
  for (const auto& set : matrices_) {
    for (std::size_t i = 0; i < set.names.size(); ++i) {
      tensors[kMomentum + set.names[i]] =
          to_host_tensor(set.momentum[static_cast<std::int64_t>(i)]);
    }
  }
  return tensors;
}

void Optimizer::restore(const std::map<std::string, HostTensor>& tensors) {
  for (auto& set : matrices_) {
    for (std::size_t i = 0; i < set.names.size(); ++i) {
      set.momentum[static_cast<std::int64_t>(i)].copy_(
          named_tensor(tensors, kMomentum + set.names[i], set.weights[i].sizes()));
    }
  }
  inner_.restore(tensors);
  output_.restore(tensors);
}

}  // namespace impasto
