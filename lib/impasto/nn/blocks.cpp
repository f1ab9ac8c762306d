#include "impasto/nn/blocks.h"

#include <ATen/ATen.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace impasto {
namespace {

bool has_bias(const GeneratorConfig& config) { return config.norm == Norm::kNone; }

Convolution make_reflect_conv(const GeneratorConfig& config,
                              std::int64_t in,
                              std::int64_t out,
                              std::int64_t kernel,
                              std::int64_t stride) {
  if (kernel == 3 && config.block == Block::kDepthwiseSeparable) {
    return std::make_shared<SeparableConvImpl>(in, out, stride, has_bias(config));
  }
  return std::make_shared<ReflectConvImpl>(ReflectConvOptions{
      .in = in, .out = out, .kernel = kernel, .stride = stride, .bias = has_bias(config)});
}

Convolution make_upsampling_conv(const GeneratorConfig& config, std::int64_t in, std::int64_t out) {
  switch (config.upsample) {
    case Upsample::kTransposed:
      return std::make_shared<TransposedConvImpl>(in, out, has_bias(config));
    case Upsample::kPixelShuffle:
      return std::make_shared<PixelShuffleConvImpl>(in, out, has_bias(config));
    case Upsample::kNearestConv:
    case Upsample::kBilinearConv:
      break;
  }
  return make_reflect_conv(config, in, out, 3, 1);
}

/// The upsampling that precedes the convolution, where the convolution itself does not enlarge.
at::Tensor resize(const at::Tensor& x, Upsample upsample) {
  // Autocast would widen to float32, and the convolution behind round to bfloat16 again.
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  const std::vector<std::int64_t> twice = {2 * x.size(2), 2 * x.size(3)};
  switch (upsample) {
    case Upsample::kNearestConv:
      return at::upsample_nearest2d(x, twice);
    case Upsample::kBilinearConv:
      return at::upsample_bilinear2d(x, twice, /*align_corners=*/false);
    case Upsample::kTransposed:
    case Upsample::kPixelShuffle:
      break;
  }
  return x;
}

}  // namespace

EncoderStageImpl::EncoderStageImpl(const GeneratorConfig& config,
                                   std::int64_t in,
                                   std::int64_t out,
                                   std::int64_t kernel,
                                   std::int64_t stride)
    : conv_(register_module("conv", make_reflect_conv(config, in, out, kernel, stride))),
      norm_(register_module("norm", NormLayer(config.norm, out, config.styles))),
      activation_(register_module("activation", ActivationLayer(config.encoder_activation))) {}

at::Tensor EncoderStageImpl::forward(const at::Tensor& x, const at::Tensor& style_weights) {
  return activation_->forward(norm_->forward(conv_->forward(x), style_weights));
}

ResidualBlockImpl::ResidualBlockImpl(const GeneratorConfig& config, std::int64_t channels)
    : conv1_(register_module("conv1", make_reflect_conv(config, channels, channels, 3, 1))),
      norm1_(register_module("norm1", NormLayer(config.norm, channels, config.styles))),
      activation_(register_module("activation", ActivationLayer(config.encoder_activation))),
      conv2_(register_module("conv2", make_reflect_conv(config, channels, channels, 3, 1))),
      norm2_(register_module("norm2", NormLayer(config.norm, channels, config.styles))) {
  norm2_->start_at_zero();
}

at::Tensor ResidualBlockImpl::forward(const at::Tensor& x, const at::Tensor& style_weights) {
  const at::Tensor inner = activation_->forward(norm1_->forward(conv1_->forward(x), style_weights));
  return norm2_->forward(conv2_->forward(inner), style_weights) + x;
}

DecoderStageImpl::DecoderStageImpl(const GeneratorConfig& config, std::int64_t in, std::int64_t out)
    : upsample_(config.upsample),
      conv_(register_module("conv", make_upsampling_conv(config, in, out))),
      norm_(register_module("norm", NormLayer(config.norm, out, config.styles))),
      activation_(register_module("activation", ActivationLayer(config.decoder_activation))) {}

at::Tensor DecoderStageImpl::forward(const at::Tensor& x, const at::Tensor& style_weights) {
  const at::Tensor enlarged = conv_->forward(resize(x, upsample_));
  return activation_->forward(norm_->forward(enlarged, style_weights));
}

OutputStageImpl::OutputStageImpl(const GeneratorConfig& config, std::int64_t in)
    : kind_(config.output),
      conv_(register_module(
          "conv",
          std::make_shared<ReflectConvImpl>(ReflectConvOptions{.in = in, .out = 3, .kernel = 9}))) {
  if (kind_ != Output::kLinear) return;
  // Starts where tanh does: at middle grey, with as much contrast.
  const torch::NoGradGuard no_grad;
  conv_->named_parameters()["weight"].mul_(kPixelGain);
  conv_->named_parameters()["bias"].fill_(127.5);
}

at::Tensor OutputStageImpl::forward(const at::Tensor& x) {
  // In bfloat16 a `linear` result keeps 8 significant bits: steps of 1 from 128 to 255, and finer
  // below, as fine as the 8-bit picture that it becomes.
  const at::Tensor y = conv_->forward(x).to(at::kFloat);
  switch (kind_) {
    case Output::kLinear:
      return y;
    case Output::kTanh:
      return 127.5 + kPixelGain * y.tanh();
    case Output::kSigmoid:
      return 255.0 * y.sigmoid();
  }
  return y;
}

}  // namespace impasto
