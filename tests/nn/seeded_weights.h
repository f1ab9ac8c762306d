#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "impasto/base/random.h"

// Weights as a function of a tensor's name, equal to those of tests/golden/make_golden.py bit for
// bit, so that golden files need not hold them.

/// Float64 values in [-1, 1).
inline at::Tensor uniform_values(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char letter : name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  }
  impasto::CounterRandom random(hash, 0);
  at::Tensor values = at::empty(shape, at::kDouble);
  auto* data = values.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = 2 * random.uniform() - 1;
  return values;
}

/// Convolutions keep the size of activations; scales and variances lie around 1.
inline at::Tensor seeded_tensor(const std::string& name, const std::vector<std::int64_t>& shape) {
  at::Tensor values = uniform_values(name, shape);
  const auto ends_with = [&](const char* ending) { return name.ends_with(ending); };
  if (shape.size() == 4) {
    values *= std::sqrt(3.0 / static_cast<double>(shape[1] * shape[2] * shape[3]));
  } else if (ends_with("norm.weight") || ends_with("norm1.weight") || ends_with("norm2.weight") ||
             ends_with("running_var")) {
    values = 1 + 0.5 * values;
  } else if (ends_with("activation.weight")) {
    values = 0.25 + 0.1 * values;
  } else {
    values *= 0.1;
  }
  return values.to(at::kFloat);
}
