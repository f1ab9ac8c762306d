#include "impasto/loss/perceptual_loss.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/loss/terms.h"

namespace impasto {
namespace {

std::set<std::string> weighted_taps(const std::map<std::string, double>& weights, double factor) {
  std::set<std::string> taps;
  for (const auto& [tap, weight] : weights) {
    if (factor * weight != 0) taps.insert(tap);
  }
  return taps;
}

void require_known_taps(const std::map<std::string, double>& weights,
                        const std::string& field,
                        const LossNetworkImpl& network) {
  const auto known = network.tap_names();
  for (const auto& [tap, weight] : weights) {
    if (std::find(known.begin(), known.end(), tap) != known.end()) continue;
    throw ConfigError(field + "." + tap + ": " + network.architecture() +
                      " has no such layer, expected one of " + join(known) +
                      did_you_mean(tap, known));
  }
}

// In float64: a loss network of any scale has squares that float32 can hold or not.
double mean_square(const at::Tensor& features) {
  const auto norm = at::linalg_vector_norm(
      features, /*ord=*/2, /*dim=*/at::OptionalIntArrayRef(), /*keepdim=*/false, at::kDouble);
  return std::pow(norm.item<double>(), 2) / static_cast<double>(features.numel());
}

}  // namespace

PerceptualLoss::PerceptualLoss(LossNetwork network, const LossConfig& config)
    : network_(std::move(network)),
      config_(config),
      content_taps_(weighted_taps(config.content, config.content_weight)),
      style_taps_(weighted_taps(config.style, config.style_weight)),
      taps_(content_taps_) {
  require_known_taps(config.content, "loss.content", *network_);
  require_known_taps(config.style, "loss.style", *network_);
  taps_.insert(style_taps_.begin(), style_taps_.end());
  network_->set_pooling(config.pooling);
  network_->set_padding(config.padding);
}

void PerceptualLoss::calibrate(const std::vector<at::Tensor>& paintings, const at::Tensor& photos) {
  std::map<std::string, double> scales;
  if (config_.normalise_features) {
    const c10::NoGradGuard no_grad;
    std::map<std::string, double> squares;
    for (const auto& painting : paintings) {
      for (const auto& [tap, features] : network_->forward(painting, taps_)) {
        squares[tap] += mean_square(features) / static_cast<double>(paintings.size());
      }
    }
    for (const auto& [tap, features] : network_->forward(photos, taps_)) {
      scales[tap] = std::sqrt((squares[tap] + mean_square(features)) / 2);
    }
  }
  calibrate(paintings, scales);
}

void PerceptualLoss::calibrate(const std::vector<at::Tensor>& paintings,
                               const std::map<std::string, double>& scales) {
  const c10::NoGradGuard no_grad;
  if (config_.normalise_features) {
    for (const auto& tap : taps_) {
      const auto scale = scales.find(tap);
      if (scale == scales.end()) {
        throw ConfigError("loss: expected a measured scale for layer '" + tap + "', found none");
      }
      if (!(scale->second > 0) || !std::isfinite(scale->second)) {
        throw ConfigError("loss: layer '" + tap +
                          "' cannot be normalised: expected activations "
                          "with a positive root mean square, found " +
                          std::to_string(scale->second) +
                          "; take another layer or set loss.normalise_features to false");
      }
    }
    scales_ = scales;
  }
  std::map<std::string, std::vector<at::Tensor>> grams;
  for (const auto& painting : paintings) {
    for (const auto& [tap, features] : network_->forward(painting, style_taps_)) {
      grams[tap].push_back(gram_matrix(features));
    }
  }
  style_grams_.clear();
  for (const auto& [tap, list] : grams) style_grams_[tap] = at::cat(list);
}

void PerceptualLoss::set_style_weight(double weight) {
  if (style_taps_.empty() || !(weight > 0) || !std::isfinite(weight)) {
    throw ConfigError(
        "loss.style_weight: expected a change from one number above 0 to another, found " +
        std::to_string(config_.style_weight) + " and " + std::to_string(weight));
  }
  config_.style_weight = weight;
}

double PerceptualLoss::inverse_square_scale(const std::string& tap) const {
  if (!config_.normalise_features) return 1.0;
  const auto scale = scales_.at(tap);
  return 1.0 / (scale * scale);
}

double PerceptualLoss::flops(std::int64_t height, std::int64_t width) const {
  return network_->flops(height, width, content_taps_) + 2 * network_->flops(height, width, taps_);
}

LossTerms PerceptualLoss::operator()(const at::Tensor& generated,
                                     const at::Tensor& photos,
                                     const std::vector<std::int64_t>& styles) {
  return measure(generated, photos, at::tensor(styles, at::kLong).to(generated.device()));
}

LossTerms PerceptualLoss::measure(const at::Tensor& generated,
                                  const at::Tensor& photos,
                                  const at::Tensor& styles) {
  const auto zero = at::zeros(
      {},
      generated.options().dtype(generated.scalar_type() == at::kDouble ? at::kDouble : at::kFloat));
  LossTerms terms{.content = zero, .style = zero, .tv = zero, .total = zero};

  std::map<std::string, at::Tensor> wanted;
  if (!content_taps_.empty()) {
    // Of its own, so that it ends at the deepest content tap.
    const c10::NoGradGuard no_grad;
    wanted = network_->forward(photos, content_taps_);
  }
  std::map<std::string, at::Tensor> found;
  if (!taps_.empty()) found = network_->forward(generated, taps_);

  // Dividing the features by s is dividing the content term by s^2 and the Gram matrices by s^2: on
  // the small result instead of on every activation.
  for (const auto& tap : content_taps_) {
    const auto weight =
        config_.content_weight * config_.content.at(tap) * inverse_square_scale(tap);
    terms.content = terms.content + weight * mean_squared_difference(found.at(tap), wanted.at(tap));
  }
  for (const auto& tap : style_taps_) {
    const auto scale = inverse_square_scale(tap);
    const auto weight = config_.style_weight * config_.style.at(tap);
    const auto target = style_grams_.at(tap).index_select(0, styles) * scale;
    terms.style =
        terms.style + weight * mean_squared_difference(gram_matrix(found.at(tap)) * scale, target);
  }
  if (config_.tv_weight != 0) {
    terms.tv = config_.tv_weight * total_variation(generated, config_.tv_kind);
  }
  terms.total = terms.content + terms.style + terms.tv;
  return terms;
}

}  // namespace impasto
