#include "impasto/train/gradients.h"

#include <ATen/ATen.h>

namespace impasto {

double clip_gradients(const std::vector<at::Tensor>& parameters, double limit) {
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (limit > 0 && norm > limit) at::_foreach_mul_(gradients, limit / norm);
  return norm;
}

}  // namespace impasto
