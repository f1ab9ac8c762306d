#pragma once

#include <string>
#include <utility>
#include <vector>

#include "impasto/base/random.h"
#include "impasto/style/parameters.h"
#include "impasto/style/style_model.h"

/// A model of the smallest useful size with seeded random weights, one style a name.
inline impasto::StyleModel tiny_model(std::vector<std::string> styles = {"wave"}) {
  impasto::StyleModel model;
  model.generator.base_channels = 4;
  model.generator.residual_blocks = 1;
  model.generator.output = impasto::Output::kSigmoid;
  if (styles.size() > 1) {
    model.generator.norm = impasto::Norm::kConditionalInstance;
    model.generator.styles = static_cast<int>(styles.size());
  }
  model.styles = std::move(styles);
  impasto::CounterRandom random(7, 0);
  for (const auto& spec : impasto::parameter_specs(model.generator)) {
    std::int64_t count = 1;
    for (const auto side : spec.shape) count *= side;
    std::vector<float> values(static_cast<std::size_t>(count));
    for (auto& value : values) value = static_cast<float>(random.uniform() - 0.5);
    model.tensors[spec.name] = impasto::HostTensor::from_floats(spec.shape, values);
  }
  return model;
}
