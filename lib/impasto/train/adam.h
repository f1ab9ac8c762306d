#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "impasto/base/host_tensor.h"
#include "impasto/train/named_tensors.h"

namespace impasto {

/// Adam (Kingma, Ba 2015, algorithm 1, with the decays 0.9 and 0.999 or others and an epsilon of
/// 1e-8) by libtorch's fused step: all parameters in one go, which takes one launch on a GPU where
/// torch::optim::Adam takes ten for each.
class Adam {
 public:
  Adam(const NamedTensors& parameters, double beta1, double beta2);

  /// Moves the parameters by their gradients. All of them have one. `rate`, a scalar, lies on the
  /// device as everything else does: the step asks nothing of the host.
  void step(const at::Tensor& rate);

  /// Adds `adam.mean.NAME` and `adam.square.NAME` (the moments m and v) and the number
  /// `adam.steps`; before the first step nothing.
  void store(std::map<std::string, HostTensor>& tensors) const;

  /// The reverse, from among other tensors; without `adam.steps`, the state before the first step.
  /// Throws FormatError that names the tensor which is missing or has another shape.
  void restore(const std::map<std::string, HostTensor>& tensors);

 private:
  const double beta1_;
  const double beta2_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> means_;
  std::vector<at::Tensor> squares_;
  at::Tensor steps_;  // float32, as the fused step wants it: exact up to 16 million
};

}  // namespace impasto
