#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "impasto/base/generator_config.h"
#include "impasto/nn/blocks.h"

namespace impasto {

/// The network that restyles: encoder, transformer, decoder. See GeneratorConfig for the shape and
/// style/parameters.h for the names of its tensors.
class GeneratorImpl : public torch::nn::Module {
 public:
  explicit GeneratorImpl(const GeneratorConfig& config);

  /// `image` [N,3,H,W], RGB in [0,255], H and W at least 16; the result has its shape and, up to overshoot of the
  /// `linear` and `tanh` outputs, its range. Sizes that are no multiple of 4 are mirrored up to one and cropped back.
  /// `style_weights` [N,styles] or [1,styles] mixes the rows of a conditional_instance network; it may be undefined for all others.
  torch::Tensor forward(const torch::Tensor& image, const torch::Tensor& style_weights = {});

  const GeneratorConfig& config() const { return config_; }

 private:
  GeneratorConfig config_;
  // children: see generator.cpp
};
TORCH_MODULE(Generator);

}  // namespace impasto
