#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "impasto/base/generator_config.h"

namespace impasto {

/// Name and shape of one tensor of a generator.
struct ParameterSpec {
  std::string name;                 ///< Such as "residual.3.conv1.weight".
  std::vector<std::int64_t> shape;  ///< From the outermost dimension.

  /// Whether all fields are equal.
  bool operator==(const ParameterSpec&) const = default;
};

/// Every tensor that a generator of this shape has (parameters and, with batch norm, running
/// statistics), in the order of computation. The one place that ties a config to tensors: the torch
/// modules and model files are both checked against it. With B = base_channels the channels are:
///
///   encoder.{0,1,2}   3 -> B -> 2B -> 4B   9x9, then two strided 3x3
///   residual.{0..}    4B -> 4B             two 3x3 each
///   decoder.0         4B -> 2B             3x3, doubles the resolution
///   decoder.1         2B -> B              3x3, doubles the resolution
///   output            B -> 3               9x9
///
/// Skip connections append encoder.1's output to decoder.0's (4B into decoder.1) and encoder.0's to
/// decoder.1's (2B into output). The names:
///
///   encoder.{0,1,2}.conv.weight          [out,in,k,k]
///   encoder.{0,1,2}.norm.{weight,bias}   [C], or [styles,C] with conditional instance norm
///   encoder.{0,1,2}.norm.running_{mean,var}   [C], only with batch norm
///   encoder.{0,1,2}.activation.weight    [1], only with prelu
///   residual.{0..}.conv{1,2}.weight, residual.{0..}.norm{1,2}.*, residual.{0..}.activation.weight
///   decoder.{0,1}.conv.weight, decoder.{0,1}.norm.*, decoder.{0,1}.activation.weight
///   output.conv.{weight,bias}
///
/// A decoder's `conv.weight` is [out,in,3,3] of the convolution after interpolation; `transposed`
/// has [in,out,3,3]; `pixel_shuffle` has [4 out,in,3,3], of the convolution before the shuffle.
///
/// A convolution in front of a norm has no bias: the norm would remove it. With `norm: none` there
/// is no norm, and each `conv` has a `bias` of as many numbers as the convolution has output
/// channels. With `depthwise_separable` a 3x3 `conv` becomes `conv.depthwise.weight` [in,1,3,3] and
/// `conv.pointwise.weight` [out,in,1,1]; a bias is the pointwise one's.
///
/// Throws ConfigError for a config that is not valid.
std::vector<ParameterSpec> parameter_specs(const GeneratorConfig& config);

}  // namespace impasto
