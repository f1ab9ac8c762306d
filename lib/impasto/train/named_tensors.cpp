#include "impasto/train/named_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdint>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

NamedTensors tensors_of(const torch::nn::Module& module) {
  auto tensors = module.named_parameters();
  tensors.update(module.named_buffers());
  return tensors;
}

}  // namespace

at::Tensor named_tensor(const std::map<std::string, HostTensor>& tensors,
                        const std::string& name,
                        at::IntArrayRef shape) {
  const auto found = tensors.find(name);
  const std::vector<std::int64_t> expected = shape.vec();
  const auto fail = [&](const std::string& what) {
    throw FormatError("checkpoint: tensor '" + name + "': expected " + shape_string(expected) +
                      ", found " + what);
  };
  if (found == tensors.end()) fail("none");
  if (found->second.shape != expected) fail(shape_string(found->second.shape));
  return to_tensor(found->second);
}

std::map<std::string, HostTensor> module_tensors(const torch::nn::Module& module,
                                                 const std::string& prefix) {
  std::map<std::string, HostTensor> tensors;
  for (const auto& entry : tensors_of(module)) {
    tensors[prefix + entry.key()] = to_host_tensor(entry.value());
  }
  return tensors;
}

void restore_module(torch::nn::Module& module,
                    const std::string& prefix,
                    const std::map<std::string, HostTensor>& tensors) {
  const c10::NoGradGuard no_grad;
  for (auto& entry : tensors_of(module)) {
    entry.value().copy_(named_tensor(tensors, prefix + entry.key(), entry.value().sizes()));
  }
}

}  // namespace impasto
