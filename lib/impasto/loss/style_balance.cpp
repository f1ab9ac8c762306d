#include "impasto/loss/style_balance.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "impasto/base/error.h"

namespace impasto {
namespace {

// Enough for the painting's texture to show; the default look of several paintings then comes out
// at a multiple of 1. See docs/training.md for the figures.
constexpr int kSteps = 8;
constexpr double kStepLevels = 4;

at::Tensor gradient_of(const at::Tensor& term, const at::Tensor& picture, bool keep_graph = false) {
  return torch::autograd::grad({term}, {picture}, {}, keep_graph)[0];
}

double norm_of(const at::Tensor& gradient) {
  return at::linalg_vector_norm(
             gradient, /*ord=*/2, /*dim=*/at::OptionalIntArrayRef(), /*keepdim=*/false, at::kDouble)
      .item<double>();
}

void require_gradient(const char* term, double norm) {
  if (norm > 0 && std::isfinite(norm)) return;
  std::ostringstream message;
  message << "loss.style_weight: cannot be chosen: expected a gradient of the " << term
          << " term above 0, found " << norm << "; give the weight as a number";
  throw ConfigError(message.str());
}

void require_weights(const LossConfig& config, double multiple) {
  if (!(multiple > 0) || !std::isfinite(multiple)) {
    throw ConfigError("style strength: expected a number above 0, found " +
                      std::to_string(multiple));
  }
  require_gradient("content", config.content_weight);
  require_gradient("style", config.style_weight);
}

}  // namespace

at::Tensor moved_towards_style(PerceptualLoss& loss,
                               const at::Tensor& photos,
                               const std::vector<std::int64_t>& styles) {
  at::Tensor pictures = photos.detach();
  for (int step = 0; step < kSteps; ++step) {
    const auto leaf = pictures.detach().requires_grad_(true);
    const auto gradient = gradient_of(loss(leaf, photos, styles).style, leaf);
    const auto size = gradient.square().mean(at::IntArrayRef{1, 2, 3}, /*keepdim=*/true).sqrt();
    // A picture without gradient stays where it is.
    const auto smallest = std::numeric_limits<float>::min();
    pictures = leaf.detach() - kStepLevels * gradient / size.clamp_min(smallest);
  }
  return pictures;
}

StyleBalance balance_style(PerceptualLoss& loss,
                           const at::Tensor& photos,
                           const std::vector<std::int64_t>& styles,
                           double multiple) {
  const LossConfig& config = loss.config();
  require_weights(config, multiple);
  const auto pictures = moved_towards_style(loss, photos, styles).requires_grad_(true);
  const auto terms = loss(pictures, photos, styles);
  StyleBalance balance;
  balance.style_gradient =
      norm_of(gradient_of(terms.style, pictures, /*keep_graph=*/true)) / config.style_weight;
  require_gradient("style", balance.style_gradient);
  balance.content_gradient = norm_of(gradient_of(terms.content, pictures));
  require_gradient("content", balance.content_gradient);
  balance.style_weight = multiple * balance.content_gradient / balance.style_gradient;
  return balance;
}

}  // namespace impasto
