#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "impasto/nn/generator.h"

namespace impasto {

/// How much of an activation layer is at work.
struct LayerActivity {
  std::string layer;  ///< As in the names of a model's tensors: "encoder.0.activation".
  double share = 0;   ///< Of its units, over all pictures, those above 0: 0 to 1.
};

/// The activity of every activation layer, from the input to the output, on `images` [N,3,H,W] in
/// [0,255]; `style_weights` is for Generator. A healthy ReLU layer lies at about 0.4 to 0.6; one
/// near 0 is dead: nothing comes through it and no gradient goes back. One forward pass in
/// evaluation mode without gradients, after which `generator` is as it was before. Throws
/// ConfigError as Generator does.
std::vector<LayerActivity> measure_activity(Generator generator,
                                            const at::Tensor& images,
                                            const at::Tensor& style_weights = {});

}  // namespace impasto
