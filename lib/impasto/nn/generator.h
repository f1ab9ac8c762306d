#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "impasto/base/generator_config.h"
#include "impasto/nn/blocks.h"

namespace impasto {

/// The network that restyles: encoder, transformer, decoder. See GeneratorConfig for the shape and
/// style/parameters.h for the names of its tensors. Initial weights come from libtorch's global
/// random generator: torch::manual_seed before construction fixes them.
class GeneratorImpl : public torch::nn::Module {
 public:
  /// Throws ConfigError where `config` does not validate.
  explicit GeneratorImpl(const GeneratorConfig& config);

  /// `image` [N,3,H,W], RGB in [0,255], H and W at least 16; the result is float32, has its shape
  /// and, up to overshoot of the `linear` and `tanh` outputs, its range. In evaluation it is
  /// mirrored by the config's margin, and sizes that are no multiple of 4 up to one; both are cut
  /// off again. `style_weights` [N,styles] or [1,styles] mixes the rows of a conditional_instance
  /// network; it may be undefined for all others, and for one with a single style. Throws
  /// ConfigError for other shapes.
  at::Tensor forward(const at::Tensor& image, const at::Tensor& style_weights = {});

  /// The shape that it was made with.
  const GeneratorConfig& config() const { return config_; }

 private:
  GeneratorConfig config_;
  torch::nn::ModuleList encoder_;
  torch::nn::ModuleList residual_;
  torch::nn::ModuleList decoder_;
  OutputStage output_;
};
/// A shared handle of GeneratorImpl.
TORCH_MODULE(Generator);

}  // namespace impasto
