#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "impasto/loss/perceptual_loss.h"

namespace impasto {

/// A style weight and the gradients that it comes from.
struct StyleBalance {
  double style_weight = 0;      ///< multiple * content_gradient / style_gradient.
  double content_gradient = 0;  ///< L2 norm, over all pixels, of the content term's gradient.
  double style_gradient = 0;    ///< That of the style term at a style weight of 1.
};

/// `photos` [N,3,H,W] in [0,255] on their way to the style: eight steps down the gradient of the
/// style term alone, each by 4 levels (root of the mean square over a picture). Paintings are as in
/// PerceptualLoss.
at::Tensor moved_towards_style(PerceptualLoss& loss,
                               const at::Tensor& photos,
                               const std::vector<std::int64_t>& styles);

/// The style weight with which, on photos moved towards the style, the style term pulls `multiple`
/// times as hard as the content term pulls back. With normalised features and 1, the default
/// strength, it comes out near the default loss.style_weight.
///
/// It is not measured on what a network makes, since whatever weight that was trained with is the
/// one which balances the two there; nor on the photos, where the content term has no gradient. The
/// weight in the config takes no part, but has to be above 0, as style layers without one are not
/// measured. `loss` is calibrated. Deterministic; costs about what ten training steps on the photos
/// cost the loss network. Throws ConfigError when `multiple` is not above 0 or either gradient is 0
/// or not finite.
StyleBalance balance_style(PerceptualLoss& loss,
                           const at::Tensor& photos,
                           const std::vector<std::int64_t>& styles,
                           double multiple = 1.0);

}  // namespace impasto
