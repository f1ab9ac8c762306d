#include "impasto/nn/layers.h"

#include <ATen/ATen.h>
#include <torch/nn/init.h>
#include <torch/types.h>

#include <cmath>
#include <utility>
#include <vector>

#include "impasto/nn/mirror.h"
#include "impasto/nn/normalize.h"

namespace impasto {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr double kNormMomentum = 0.1;
constexpr double kLeakySlope = 0.2;
constexpr double kPreluStart = 0.25;

at::Tensor initial(at::IntArrayRef shape, std::int64_t fan_in) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
  const at::Tensor values = torch::empty(shape).uniform_(-bound, bound);
  // As the feature maps are.
  return shape.size() == 4 ? values.contiguous(at::MemoryFormat::ChannelsLast) : values;
}

/// Rows [C] or [styles,C] of scale or shift as those of each picture, [N,C].
at::Tensor per_picture(const at::Tensor& rows,
                       const at::Tensor& style_weights,
                       std::int64_t pictures) {
  if (rows.dim() == 1) return rows.expand({pictures, rows.size(0)});
  // A sum of products, as autocast would round a matrix product to bfloat16.
  return (style_weights.unsqueeze(2) * rows).sum(1).expand({pictures, rows.size(1)});
}

}  // namespace

ReflectConvImpl::ReflectConvImpl(const ReflectConvOptions& options) : options_(options) {
  const std::int64_t in = options.in / options.groups;
  const std::int64_t fan_in = in * options.kernel * options.kernel;
  weight_ = register_parameter("weight",
                               initial({options.out, in, options.kernel, options.kernel}, fan_in));
  if (options.bias) bias_ = register_parameter("bias", initial({options.out}, fan_in));
}

at::Tensor ReflectConvImpl::forward(const at::Tensor& x) {
  const std::int64_t pad = options_.kernel / 2;
  const at::Tensor padded = pad == 0 ? x : mirrored(x, pad);
  return at::conv2d(padded,
                    weight_,
                    bias_,
                    at::IntArrayRef(options_.stride),
                    /*padding=*/at::IntArrayRef{0, 0},
                    /*dilation=*/at::IntArrayRef{1, 1},
                    options_.groups);
}

SeparableConvImpl::SeparableConvImpl(std::int64_t in,
                                     std::int64_t out,
                                     std::int64_t stride,
                                     bool bias)
    : depthwise_(register_module(
          "depthwise",
          std::make_shared<ReflectConvImpl>(ReflectConvOptions{
              .in = in, .out = in, .kernel = 3, .stride = stride, .groups = in, .bias = false}))),
      pointwise_(register_module("pointwise",
                                 std::make_shared<ReflectConvImpl>(ReflectConvOptions{
                                     .in = in, .out = out, .kernel = 1, .bias = bias}))) {}

at::Tensor SeparableConvImpl::forward(const at::Tensor& x) {
  return pointwise_->forward(depthwise_->forward(x));
}

TransposedConvImpl::TransposedConvImpl(std::int64_t in, std::int64_t out, bool bias) {
  // PyTorch counts the fan in of a transposed weight along its second axis.
  weight_ = register_parameter("weight", initial({in, out, 3, 3}, out * 9));
  if (bias) bias_ = register_parameter("bias", initial({out}, out * 9));
}

at::Tensor TransposedConvImpl::forward(const at::Tensor& x) {
  return at::conv_transpose2d(x, weight_, bias_, /*stride=*/2, /*padding=*/1, /*output_padding=*/1);
}

PixelShuffleConvImpl::PixelShuffleConvImpl(std::int64_t in, std::int64_t out, bool bias)
    : ReflectConvImpl({.in = in, .out = 4 * out, .kernel = 3, .bias = bias}) {
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : parameters()) {
    parameter.copy_(parameter.slice(0, 0, out).repeat_interleave(4, 0));
  }
}

at::Tensor PixelShuffleConvImpl::forward(const at::Tensor& x) {
  return at::pixel_shuffle(ReflectConvImpl::forward(x), 2);
}

NormLayerImpl::NormLayerImpl(Norm kind, std::int64_t channels, std::int64_t styles) : kind_(kind) {
  if (kind == Norm::kNone) return;
  std::vector<std::int64_t> shape = {channels};
  if (kind == Norm::kConditionalInstance) shape.insert(shape.begin(), styles);
  weight_ = register_parameter("weight", torch::ones(shape));
  bias_ = register_parameter("bias", torch::zeros(shape));
  if (kind == Norm::kBatch) {
    running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
    running_var_ = register_buffer("running_var", torch::ones({channels}));
  }
}

at::Tensor NormLayerImpl::forward(const at::Tensor& x, const at::Tensor& style_weights) {
  if (kind_ == Norm::kNone) return x;
  const at::Tensor input = x.contiguous(at::MemoryFormat::ChannelsLast);
  if (kind_ != Norm::kBatch) {
    const std::int64_t pictures = x.size(0);
    return normalize(input,
                     channel_statistics(input, /*groups=*/pictures),
                     per_picture(weight_, style_weights, pictures),
                     per_picture(bias_, style_weights, pictures),
                     kNormEpsilon);
  }
  if (!is_training()) {
    return at::batch_norm(input,
                          weight_,
                          bias_,
                          running_mean_,
                          running_var_,
                          /*training=*/false,
                          kNormMomentum,
                          kNormEpsilon,
                          /*cudnn_enabled=*/false);
  }
  const ChannelStatistics batch = channel_statistics(input, /*groups=*/1);
  // The running variance is the unbiased estimate, as in PyTorch.
  const auto count = static_cast<double>(x.numel() / x.size(1));
  running_mean_.lerp_(batch.mean[0], kNormMomentum);
  running_var_.lerp_(batch.variance[0] * (count / (count - 1)), kNormMomentum);
  return normalize(input, batch, weight_.unsqueeze(0), bias_.unsqueeze(0), kNormEpsilon);
}

void NormLayerImpl::start_at_zero() {
  const torch::NoGradGuard no_grad;
  if (weight_.defined()) weight_.zero_();
}

ActivationLayerImpl::ActivationLayerImpl(Activation kind) : kind_(kind) {
  if (kind == Activation::kPrelu) {
    weight_ = register_parameter("weight", torch::full({1}, kPreluStart));
  }
}

at::Tensor ActivationLayerImpl::forward(at::Tensor x) {
  at::Tensor y = activate(std::move(x));
  if (observer_) observer_(y);
  return y;
}

at::Tensor ActivationLayerImpl::activate(at::Tensor x) {
  switch (kind_) {
    case Activation::kRelu:
      return x.relu_();
    case Activation::kLeakyRelu:
      return at::leaky_relu_(x, kLeakySlope);
    case Activation::kPrelu:
      return at::prelu(x, weight_);
    case Activation::kRelu6:
      return at::hardtanh_(x, 0, 6);
  }
  return x;
}

}  // namespace impasto
