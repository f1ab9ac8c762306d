#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "impasto/base/generator_config.h"

namespace impasto {

/// Name and shape of one tensor of a generator.
struct ParameterSpec {
  std::string name;
  std::vector<std::int64_t> shape;

  bool operator==(const ParameterSpec&) const = default;
};

/// Every tensor that a generator of this shape has (parameters and, with batch norm, running statistics), in
/// the order of computation. The one place that ties a config to tensors: the torch modules and model
/// files are both checked against it. docs/model_format.md explains the names:
///
///   encoder.{0,1,2}.conv.weight          9x9, then two strided 3x3
///   encoder.{0,1,2}.norm.{weight,bias}   [C], or [styles,C] with conditional instance norm
///   encoder.{0,1,2}.activation.weight    only with prelu
///   residual.{0..}.conv{1,2}.weight, residual.{0..}.norm{1,2}.*, residual.{0..}.activation.weight
///   decoder.{0,1}.conv.weight, decoder.{0,1}.norm.*, decoder.{0,1}.activation.weight
///   output.conv.{weight,bias}            9x9 to RGB
///
/// A convolution in front of a norm has no bias: the norm would remove it. With `norm: none` it has one, and with
/// depthwise_separable `conv` becomes `conv.depthwise.weight` [C,1,3,3] and `conv.pointwise.{weight,bias}`.
std::vector<ParameterSpec> parameter_specs(const GeneratorConfig& config);

}  // namespace impasto
