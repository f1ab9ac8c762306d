#include "impasto/base/generator_config.h"

#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"

namespace impasto {

namespace {

Choice activation_choice(Activation& activation) {
  return choice(activation, {"relu", "leaky_relu", "prelu", "relu6"});
}

}  // namespace

Fields fields_of(GeneratorConfig& config) {
  return {
      {.name = "base_channels",
       .target = &config.base_channels,
       .text = "Channels of the first layer; twice and four times as many after the two strided "
               "layers.",
       .bounds = {.min = 1, .max = 1024}},
      {.name = "residual_blocks",
       .target = &config.residual_blocks,
       .text = "Residual blocks, at a quarter of the resolution.",
       .bounds = {.min = 1, .max = 16}},
      {.name = "norm",
       .target = choice(config.norm, {"instance", "batch", "none", "conditional_instance"}),
       .text = "Normalisation; conditional_instance has a scale and a shift of its own for each "
               "style."},
      {.name = "styles",
       .target = &config.styles,
       .text = "Styles in one network; above 1 only with norm conditional_instance. Left out of a "
               "training config, as many as there are style images.",
       .bounds = {.min = 1, .max = 4096}},
      {.name = "upsample",
       .target = choice(config.upsample,
                        {"nearest_conv", "bilinear_conv", "transposed", "pixel_shuffle"}),
       .text =
           "How the decoder doubles the resolution. transposed can leave a checkerboard pattern; "
           "it is there for weights trained elsewhere."},
      {.name = "encoder_activation",
       .target = activation_choice(config.encoder_activation),
       .text = "Activation in encoder and residual blocks."},
      {.name = "decoder_activation",
       .target = activation_choice(config.decoder_activation),
       .text = "Activation in the decoder."},
      {.name = "output",
       .target = choice(config.output, {"linear", "tanh", "sigmoid"}),
       .text = "From the last convolution's y to RGB in 0..255: y, 127.5 + 150 tanh(y), or "
               "255 sigmoid(y). Where the last two saturate nothing is learnt any more: black "
               "blotches may stay."},
      {.name = "skip_connections",
       .target = &config.skip_connections,
       .text = "Join each decoder stage with the encoder's features of that size (U-Net)."},
      {.name = "block",
       .target = choice(config.block, {"standard", "depthwise_separable"}),
       .text = "depthwise_separable splits every 3x3 convolution: the light variant, with upsample "
               "nearest_conv or bilinear_conv only."},
      {.name = "margin",
       .target = &config.margin,
       .text = "Pixels by which a picture is mirrored on every side for the network, and which are "
               "cut off after: a frame that long training draws along the edges is then not in the "
               "picture. Training itself goes without.",
       .bounds = {.min = 0, .max = 12}},
  };
}

void check_combinations(const GeneratorConfig& config, const std::string& parent) {
  if (config.styles > 1 && config.norm != Norm::kConditionalInstance) {
    throw ConfigError(parent + "styles: expected 1 unless norm is 'conditional_instance', found " +
                      std::to_string(config.styles));
  }
  const bool own_kernel =
      config.upsample == Upsample::kTransposed || config.upsample == Upsample::kPixelShuffle;
  if (config.block == Block::kDepthwiseSeparable && own_kernel) {
    throw ConfigError(parent +
                      "upsample: expected 'nearest_conv' or 'bilinear_conv' with block "
                      "'depthwise_separable', found '" +
                      (config.upsample == Upsample::kTransposed ? "transposed" : "pixel_shuffle") +
                      "'");
  }
}

void GeneratorConfig::validate() const {
  GeneratorConfig copy = *this;
  check_fields(fields_of(copy));
  check_combinations(*this, "");
}

GeneratorConfig generator_config_from_json(const std::string& text, const std::string& where) {
  GeneratorConfig config;
  read_fields(fields_of(config), text, {where, ""});
  check_combinations(config, where + ": ");
  return config;
}

std::string to_json(const GeneratorConfig& config) {
  GeneratorConfig copy = config;
  return to_text(write_fields(fields_of(copy)), "generator config");
}

}  // namespace impasto
