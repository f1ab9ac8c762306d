#include "impasto/train/adam_state.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>

#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

using torch::optim::AdamParamState;

constexpr const char* kSteps = "adam.steps";

}  // namespace

std::map<std::string, HostTensor> adam_state(torch::optim::Adam& optimizer,
                                             const NamedTensors& parameters) {
  std::map<std::string, HostTensor> tensors;
  for (const auto& parameter : parameters) {
    const auto entry = optimizer.state().find(parameter.value().unsafeGetTensorImpl());
    if (entry == optimizer.state().end()) continue;  // no step yet, or no gradient ever
    const auto& state = static_cast<const AdamParamState&>(*entry->second);
    tensors["adam.mean." + parameter.key()] = to_host_tensor(state.exp_avg());
    tensors["adam.square." + parameter.key()] = to_host_tensor(state.exp_avg_sq());
    tensors[kSteps] = to_host_tensor(at::scalar_tensor(state.step(), at::kLong));
  }
  return tensors;
}

void restore_adam_state(torch::optim::Adam& optimizer,
                        const NamedTensors& parameters,
                        const std::map<std::string, HostTensor>& tensors) {
  optimizer.state().clear();
  if (!tensors.contains(kSteps)) return;
  const auto steps = named_tensor(tensors, kSteps, {}).item<std::int64_t>();
  for (const auto& parameter : parameters) {
    const auto& value = parameter.value();
    if (!tensors.contains("adam.mean." + parameter.key())) continue;
    const auto moment = [&](const char* kind) {
      return named_tensor(tensors, kind + parameter.key(), value.sizes()).to(value.device());
    };
    auto state = std::make_unique<AdamParamState>();
    state->step(steps);
    state->exp_avg(moment("adam.mean."));
    state->exp_avg_sq(moment("adam.square."));
    optimizer.state()[value.unsafeGetTensorImpl()] = std::move(state);
  }
}

}  // namespace impasto
