#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstdint>
#include <functional>

/// Largest relative difference between the gradient of `f` at `x` (float64) and central
/// differences, over `probes` entries spread over `x`.
inline double gradient_error(const std::function<at::Tensor(const at::Tensor&)>& f,
                             const at::Tensor& x,
                             double step,
                             std::int64_t probes = 24) {
  const auto leaf = x.clone().requires_grad_(true);
  f(leaf).backward();
  const auto gradient = leaf.grad().reshape({-1});
  const double size = gradient.abs().max().item<double>();

  const at::NoGradGuard no_grad;
  double worst = 0;
  for (std::int64_t i = 0; i < probes; ++i) {
    const std::int64_t entry = (2 * i + 1) * x.numel() / (2 * probes);
    const auto value_at = [&](double offset) {
      auto moved = x.clone();
      moved.view({-1})[entry] += offset;
      return f(moved).item<double>();
    };
    const double slope = (value_at(step) - value_at(-step)) / (2 * step);
    worst = std::max(worst, std::abs(slope - gradient[entry].item<double>()) / size);
  }
  return worst;
}
