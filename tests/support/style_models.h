#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "impasto/base/random.h"
#include "impasto/style/parameters.h"
#include "impasto/style/style_model.h"

/// A model with seeded random tensors, uniform in [-0.5, 0.5) but for running variances, which are
/// positive: [0.5, 1.5).
inline impasto::StyleModel random_style_model(const impasto::GeneratorConfig& generator,
                                              std::vector<std::string> styles = {"wave"},
                                              std::uint64_t seed = 1) {
  impasto::StyleModel model{generator, std::move(styles), {}, {}};
  std::uint64_t stream = 0;
  for (const auto& spec : impasto::parameter_specs(generator)) {
    impasto::CounterRandom random(seed, stream++);
    const double low = spec.name.ends_with("running_var") ? 0.5 : -0.5;
    std::size_t count = 1;
    for (const std::int64_t extent : spec.shape) count *= static_cast<std::size_t>(extent);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(low + random.uniform());
    model.tensors[spec.name] = impasto::HostTensor::from_floats(spec.shape, values);
  }
  return model;
}
