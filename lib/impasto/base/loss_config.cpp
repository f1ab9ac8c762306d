// The section `loss`, which the configs of train, optimize and evaluate have.

#include <algorithm>

#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"

namespace impasto {
namespace {

/// A term that counts has something to measure.
void check_taps(const std::map<std::string, double>& taps, const std::string& name, double weight) {
  const bool any = std::ranges::any_of(taps, [](const auto& tap) { return tap.second > 0; });
  if (weight > 0 && !any) {
    throw ConfigError("loss." + name +
                      ": expected a layer with a weight above 0, found none; set loss." + name +
                      "_weight to 0 to train without");
  }
}

}  // namespace

Fields fields_of(LossConfig& config) {
  constexpr Bounds kWeight = {.min = 0};
  return {
      {.name = "network",
       .target = &config.network,
       .text =
           "VGG16 or VGG19 weights as safetensors. The default starts from the working directory.",
       .required = true,
       .resumable = true},
      {.name = "pooling",
       .target = choice(config.pooling, {"max", "average"}),
       .text = "Pooling of the loss network."},
      {.name = "padding",
       .target = choice(config.padding, {"reflect", "zero"}),
       .text = "What the loss network sees beyond a picture's edge: its mirror image, or the zeros "
               "of the papers, at which a network that trains for long draws a coloured frame."},
      {.name = "content",
       .target = &config.content,
       .text = "Layers that hold the photo's content, and their weights.",
       .bounds = kWeight},
      {.name = "style",
       .target = &config.style,
       .text = "Layers that hold the painting's style, and their weights.",
       .bounds = kWeight},
      {.name = "content_weight",
       .target = &config.content_weight,
       .text = "Weight of the whole content term.",
       .bounds = kWeight},
      {.name = "style_weight",
       .target = &config.style_weight,
       .text = "Weight of the whole style term: more paints more strongly.",
       .bounds = kWeight},
      {.name = "style_strength",
       .target = choice(config.style_strength, {"fixed", "auto"}),
       .text = "auto chooses style_weight when training starts, so that the style pulls "
               "style_multiple times as hard as the content; it is printed and saved."},
      {.name = "style_multiple",
       .target = &config.style_multiple,
       .text = "With style_strength auto: how many times as hard as the content's the pull of the "
               "style is on photos that are on their way to it.",
       .bounds = {.min = 0, .above_min = true}},
      {.name = "tv_weight",
       .target = &config.tv_weight,
       .text = "Weight of the total variation: more makes smoother pictures.",
       .bounds = kWeight},
      {.name = "tv_kind",
       .target = choice(config.tv_kind, {"absolute", "squared"}),
       .text = "Total variation of absolute or squared differences."},
      {.name = "normalise_features",
       .target = &config.normalise_features,
       .text =
           "Divide each layer by its measured size, so that weights mean the same with every loss "
           "network; false gives the literal losses of the papers."},
  };
}

void require_fixed_style_weight(const LossConfig& loss) {
  if (loss.style_strength == StyleStrength::kFixed) return;
  throw ConfigError(
      "loss.style_strength: expected 'fixed', found 'auto': training alone chooses a style weight, "
      "which is then in its model's config");
}

void check_combinations(const LossConfig& loss) {
  check_taps(loss.content, "content", loss.content_weight);
  check_taps(loss.style, "style", loss.style_weight);
  if (loss.content_weight == 0 && loss.style_weight == 0) {
    throw ConfigError(
        "loss: expected content_weight or style_weight above 0, found both 0: nothing to learn");
  }
}

}  // namespace impasto
