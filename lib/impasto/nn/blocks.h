#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "impasto/base/generator_config.h"
#include "impasto/nn/layers.h"

// Layers joined into the parts of a generator. `style_weights` is for NormLayer.

namespace impasto {

/// Convolution, norm, activation. A stride of 2 halves the sides, rounding up.
class EncoderStageImpl : public torch::nn::Module {
 public:
  /// From `in` to `out` channels; `kernel` is odd.
  EncoderStageImpl(const GeneratorConfig& config,
                   std::int64_t in,
                   std::int64_t out,
                   std::int64_t kernel,
                   std::int64_t stride);

  /// [N,in,H,W] to [N,out,ceil(H/stride),ceil(W/stride)].
  at::Tensor forward(const at::Tensor& x, const at::Tensor& style_weights);

 private:
  Convolution conv_;
  NormLayer norm_;
  ActivationLayer activation_;
};
/// A shared handle of EncoderStageImpl.
TORCH_MODULE(EncoderStage);

/// x + norm2(conv2(activation(norm1(conv1(x))))): He et al. 2016, without an activation after the
/// sum, as in Johnson et al. The scale of norm2 starts at 0, so that an untrained block passes x on
/// unchanged (Goyal et al. 2017, "Accurate, Large Minibatch SGD", section 5.1): losses fall faster.
class ResidualBlockImpl : public torch::nn::Module {
 public:
  /// Two 3x3 convolutions of as many channels.
  ResidualBlockImpl(const GeneratorConfig& config, std::int64_t channels);

  /// [N,channels,H,W] to the same shape.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& style_weights);

 private:
  Convolution conv1_;
  NormLayer norm1_;
  ActivationLayer activation_;
  Convolution conv2_;
  NormLayer norm2_;
};
/// A shared handle of ResidualBlockImpl.
TORCH_MODULE(ResidualBlock);

/// Doubles the sides in the config's way, then norm and activation.
class DecoderStageImpl : public torch::nn::Module {
 public:
  /// From `in` to `out` channels, with a 3x3 convolution.
  DecoderStageImpl(const GeneratorConfig& config, std::int64_t in, std::int64_t out);

  /// [N,in,H,W] to [N,out,2H,2W].
  at::Tensor forward(const at::Tensor& x, const at::Tensor& style_weights);

 private:
  Upsample upsample_;
  Convolution conv_;
  NormLayer norm_;
  ActivationLayer activation_;
};
/// A shared handle of DecoderStageImpl.
TORCH_MODULE(DecoderStage);

/// What one step of the last convolution before tanh is in pixel values: 127.5 + kPixelGain
/// tanh(x). A `linear` output stage, whose convolution gives pixel values themselves, starts with
/// weights so many times as large, and is to be trained with so many times the rate.
inline constexpr double kPixelGain = 150;

/// 9x9 convolution to three channels, and the config's way from there to RGB in float32.
class OutputStageImpl : public torch::nn::Module {
 public:
  /// From `in` channels.
  OutputStageImpl(const GeneratorConfig& config, std::int64_t in);

  /// [N,in,H,W] to [N,3,H,W].
  at::Tensor forward(const at::Tensor& x);

 private:
  Output kind_;
  Convolution conv_;
};
/// A shared handle of OutputStageImpl.
TORCH_MODULE(OutputStage);

}  // namespace impasto
