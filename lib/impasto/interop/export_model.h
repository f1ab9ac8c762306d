#pragma once

#include "impasto/base/safetensors.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// The model of one style of a model of several: that style's rows of scales and shifts in an
/// instance norm. Throws ConfigError where there is no such style, and FormatError for a model that
/// is not valid.
StyleModel with_one_style(const StyleModel& model, int style);

/// The tensors under the names of pytorch/examples' fast_neural_style, in the model's own types: a
/// state_dict for its TransformerNet, of as many channels and residual blocks as the model has. The
/// biases that its convolutions have in front of norms are 0. Throws ConfigError that names the
/// first thing which that network does not have: another norm than instance, upsampling than
/// nearest_conv, activation than relu, output than linear, skip connections or separable
/// convolutions.
TensorFile to_examples_tensors(const StyleModel& model);

}  // namespace impasto
