#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "impasto/base/generator_config.h"

// The layers that a generator is put together from. Feature maps are [N,C,H,W], channels last in
// memory: oneDNN's convolutions are up to four times as fast there in bfloat16. Weights and biases
// of convolutions start uniform in +-1/sqrt(fan in), as PyTorch's own layers do, from libtorch's
// global random generator.

namespace impasto {

/// A convolution in one of the shapes below. Those in front of a norm have no bias: the norm would
/// remove it.
class ConvolutionImpl : public torch::nn::Module {
 public:
  /// [N,in,H,W] to [N,out,h,w].
  virtual at::Tensor forward(const at::Tensor& x) = 0;
};

/// Any of them.
using Convolution = std::shared_ptr<ConvolutionImpl>;

/// The shape of a ReflectConvImpl.
struct ReflectConvOptions {
  std::int64_t in = 0;      ///< Channels that come in.
  std::int64_t out = 0;     ///< Channels that go out.
  std::int64_t kernel = 3;  ///< Odd.
  std::int64_t stride = 1;  ///< Pixels from one product to the next.
  std::int64_t groups = 1;  ///< Divides both numbers of channels; `in` for a depthwise convolution.
  bool bias = true;         ///< Whether it has one.
};

/// Convolution over a picture mirrored by kernel/2 at each edge, which has to be smaller than its
/// sides: a side of n becomes ceil(n / stride). `weight` [out,in/groups,k,k], `bias` [out].
class ReflectConvImpl : public ConvolutionImpl {
 public:
  /// With random weights and biases.
  explicit ReflectConvImpl(const ReflectConvOptions& options);

  /// [N,in,H,W] to [N,out,ceil(H/stride),ceil(W/stride)].
  at::Tensor forward(const at::Tensor& x) override;

  /// [out,in/groups,k,k], to be set otherwise than at random.
  at::Tensor& weight() { return weight_; }

 private:
  ReflectConvOptions options_;
  at::Tensor weight_;
  at::Tensor bias_;
};

/// A 3x3 convolution of each channel by itself, `depthwise`, then one of 1x1 across channels,
/// `pointwise`: about a ninth of the work (Howard et al. 2017, "MobileNets", section 3.1).
class SeparableConvImpl : public ConvolutionImpl {
 public:
  /// The stride is the depthwise convolution's, the bias the pointwise one's.
  SeparableConvImpl(std::int64_t in, std::int64_t out, std::int64_t stride, bool bias);

  /// [N,in,H,W] to [N,out,ceil(H/stride),ceil(W/stride)].
  at::Tensor forward(const at::Tensor& x) override;

 private:
  std::shared_ptr<ReflectConvImpl> depthwise_;
  std::shared_ptr<ReflectConvImpl> pointwise_;
};

/// Transposed 3x3 convolution that doubles both sides. `weight` [in,out,3,3], `bias` [out].
class TransposedConvImpl : public ConvolutionImpl {
 public:
  /// With random weights and biases.
  TransposedConvImpl(std::int64_t in, std::int64_t out, bool bias);

  /// [N,in,H,W] to [N,out,2H,2W].
  at::Tensor forward(const at::Tensor& x) override;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};

/// 3x3 convolution to four times the channels, which become the pixels of 2x2 squares (Shi et al.
/// 2016). The four start equal (ICNR: Aitken et al. 2017, section 3), so that there is no
/// checkerboard to unlearn. `weight` [4*out,in,3,3], `bias` [4*out].
class PixelShuffleConvImpl : public ReflectConvImpl {
 public:
  /// With weights and biases that are random but for the above.
  PixelShuffleConvImpl(std::int64_t in, std::int64_t out, bool bias);

  /// [N,in,H,W] to [N,out,2H,2W].
  at::Tensor forward(const at::Tensor& x) override;
};

/// `instance` and `conditional_instance` use each picture's own mean and variance over H and W,
/// `batch` those of the batch, or the running ones in evaluation mode; then scale and shift by
/// `weight` and `bias`, which start as 1 and 0. The result has the input's type. Statistics are
/// taken in float32 or better whatever that is, and of deviations from the mean, since
/// E[x^2] - E[x]^2 loses everything where the mean is large. `none` returns its input.
class NormLayerImpl : public torch::nn::Module {
 public:
  /// `styles`: rows of scale and shift with `conditional_instance` (Dumoulin, Shlens, Kudlur 2017,
  /// "A Learned Representation for Artistic Style", equation 5); not used otherwise.
  NormLayerImpl(Norm kind, std::int64_t channels, std::int64_t styles);

  /// `style_weights` [N,styles] or [1,styles] mixes the rows; only `conditional_instance` looks at
  /// it.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& style_weights);

  /// Sets the scale to 0; nothing with `none`.
  void start_at_zero();

 private:
  Norm kind_;
  at::Tensor weight_;  // [C], or [styles,C]
  at::Tensor bias_;
  at::Tensor running_mean_;  // [C], with `batch`
  at::Tensor running_var_;
};
/// A shared handle of NormLayerImpl.
TORCH_MODULE(NormLayer);

/// `leaky_relu` has slope 0.2 below 0; `prelu` learns it, one `weight` [1] that starts at 0.25.
class ActivationLayerImpl : public torch::nn::Module {
 public:
  /// Without an observer.
  explicit ActivationLayerImpl(Activation kind);

  /// May reuse the memory of `x`.
  at::Tensor forward(at::Tensor x);

  /// `observer` is called with every result of `forward` until it is set to another, or to none.
  void set_observer(std::function<void(const at::Tensor&)> observer) {
    observer_ = std::move(observer);
  }

 private:
  at::Tensor activate(at::Tensor x);

  Activation kind_;
  at::Tensor weight_;
  std::function<void(const at::Tensor&)> observer_;
};
/// A shared handle of ActivationLayerImpl.
TORCH_MODULE(ActivationLayer);

}  // namespace impasto
