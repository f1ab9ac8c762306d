#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "impasto/base/train_config.h"
#include "impasto/nn/loss_network.h"

namespace impasto {

/// The loss of one batch, term by term; scalars, weighted as in the config, so that `total` is their sum.
struct LossTerms {
  at::Tensor content;
  at::Tensor style;
  at::Tensor tv;
  at::Tensor total;
};

/// Perceptual loss of Johnson et al. 2016, section 3:
///
///     content_weight * sum_l c_l mean((F_l(y) - F_l(x))^2)
///   + style_weight   * sum_l s_l mean((G_l(y) - G_l(style))^2)
///   + tv_weight      * TV(y)
///
/// F_l are the activations at tap l, G_l their Gram matrix. With `normalise_features` F_l is first divided by its root mean square, measured
/// once by `calibrate`, so that weights mean the same with every loss network.
class PerceptualLoss {
 public:
  /// Throws ConfigError for a tap that the network does not have.
  PerceptualLoss(LossNetwork network, const LossConfig& config);

  /// Measures the scale of each tap on the paintings and a first batch of photos [N,3,H,W] in [0,255], then stores
  /// the paintings' Gram matrices. Each painting is [1,3,h,w]. A tap whose activations are all zero is a ConfigError. Called once before the loss is used.
  void calibrate(const std::vector<at::Tensor>& paintings, const at::Tensor& photos);

  /// The same with scales measured earlier (empty when `normalise_features` is off): how a checkpoint restores them.
  void calibrate(const std::vector<at::Tensor>& paintings, const std::map<std::string, double>& scales);

  /// `generated` and `photos` [N,3,H,W] in [0,255]; `styles` has the painting of each of the N pictures.
  LossTerms operator()(const at::Tensor& generated, const at::Tensor& photos, const std::vector<std::int64_t>& styles);

  /// Root mean square by tap; empty unless features are normalised.
  const std::map<std::string, double>& scales() const { return scales_; }

  const LossConfig& config() const { return config_; }

 private:
  LossNetwork network_;
  LossConfig config_;
  std::map<std::string, double> scales_;
  std::map<std::string, at::Tensor> style_grams_;  // tap to [styles,C,C]
};

}  // namespace impasto
