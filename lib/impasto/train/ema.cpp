#include "impasto/train/ema.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <vector>

namespace impasto {

double ema_decay(double decay, std::int64_t n) {
  const auto count = static_cast<double>(n);
  return std::min(decay, (1 + count) / (10 + count));
}

void update_ema(Generator& average, const Generator& generator, double decay) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> averages = average->parameters();
  at::_foreach_lerp_(averages, generator->parameters(), 1 - decay);
  std::vector<at::Tensor> kept = average->buffers();
  const auto buffers = generator->buffers();
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i].copy_(buffers[i]);
}

}  // namespace impasto
