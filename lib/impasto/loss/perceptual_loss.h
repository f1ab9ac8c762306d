#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "impasto/base/train_config.h"
#include "impasto/nn/loss_network.h"

namespace impasto {

/// The loss of one batch, term by term: float32 scalars (or better), weighted as in the config, so
/// that `total` is their sum. A term whose weight is 0 is not computed and is 0.
struct LossTerms {
  at::Tensor content;  ///< Against the photos.
  at::Tensor style;    ///< Against the paintings.
  at::Tensor tv;       ///< Total variation.
  at::Tensor total;    ///< Their sum, to go backward from.
};

/// Perceptual loss of Johnson et al. 2016, section 3:
///
///     content_weight * sum_l c_l mean((F_l(y) - F_l(x))^2)
///   + style_weight   * sum_l s_l mean((G_l(y) - G_l(style))^2)
///   + tv_weight      * TV(y)
///
/// F_l are the activations at tap l, G_l their Gram matrix. With `normalise_features` F_l is
/// divided by its root mean square (so G_l by the square of that), measured once by `calibrate`:
/// weights then mean the same with every loss network.
class PerceptualLoss {
 public:
  /// The network is shared, not copied, and its pooling and padding are set from `config`. Throws
  /// ConfigError for a tap that it does not have.
  PerceptualLoss(LossNetwork network, const LossConfig& config);

  /// Measures the scale of each tap on the paintings and the first photos [N,3,H,W] in [0,255],
  /// then stores the paintings' Gram matrices. Each painting is [1,3,h,w]. A scale is the root of
  /// the mean square, paintings and photos counting one half each, so that it does not hang on how
  /// many there are of either. A tap whose activations are all zero is a ConfigError. Called once
  /// before the loss is used.
  void calibrate(const std::vector<at::Tensor>& paintings, const at::Tensor& photos);

  /// The same with scales measured earlier (empty when `normalise_features` is off): how a
  /// checkpoint restores them. Throws ConfigError where a tap has none.
  void calibrate(const std::vector<at::Tensor>& paintings,
                 const std::map<std::string, double>& scales);

  /// `generated` and `photos` [N,3,H,W] in [0,255]; `styles` has the painting, from 0, of each of
  /// the N pictures. Gradients reach `generated` alone.
  LossTerms operator()(const at::Tensor& generated,
                       const at::Tensor& photos,
                       const std::vector<std::int64_t>& styles);

  /// The same for `styles` int64 [N] on the device: nothing then comes from the host.
  LossTerms measure(const at::Tensor& generated,
                    const at::Tensor& photos,
                    const at::Tensor& styles);

  /// Floating-point operations of the network's convolutions for one picture of `height` x `width`:
  /// the photo to its deepest tap, the generated picture to its own and back.
  double flops(std::int64_t height, std::int64_t width) const;

  /// Root mean square by tap; empty unless features are normalised.
  const std::map<std::string, double>& scales() const { return scales_; }

  /// Replaces the config's style weight. Throws ConfigError unless both are above 0: a term without
  /// weight has measured nothing.
  void set_style_weight(double weight);

  /// As given, with the style weight that was set last.
  const LossConfig& config() const { return config_; }

 private:
  double inverse_square_scale(const std::string& tap) const;

  LossNetwork network_;
  LossConfig config_;
  std::set<std::string> content_taps_;  // those with a weight
  std::set<std::string> style_taps_;
  std::set<std::string> taps_;  // both
  std::map<std::string, double> scales_;
  std::map<std::string, at::Tensor> style_grams_;  // tap to [styles,C,C], features not divided
};

}  // namespace impasto
