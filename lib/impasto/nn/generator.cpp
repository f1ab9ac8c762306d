#include "impasto/nn/generator.h"

#include <ATen/ATen.h>
#include <torch/types.h>

#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/host_tensor.h"

namespace impasto {
namespace {

/// The sides shrink by this much inside the network.
constexpr std::int64_t kShrink = 4;

/// Smallest side: at a quarter of it the residual blocks' mirrored edges still fit, and the largest
/// margin in it.
constexpr std::int64_t kMinSide = 16;

std::int64_t missing(std::int64_t side) { return (kShrink - side % kShrink) % kShrink; }

bool has_instance_norm(const GeneratorConfig& config) {
  return config.norm == Norm::kInstance || config.norm == Norm::kConditionalInstance;
}

void require_image(const at::Tensor& image) {
  if (image.dim() != 4 || image.size(0) < 1 || image.size(1) != 3 || image.size(2) < kMinSide ||
      image.size(3) < kMinSide) {
    throw ConfigError("generator: expected pictures [N,3,H,W] with H and W of at least " +
                      std::to_string(kMinSide) + ", found " + shape_string(image.sizes().vec()));
  }
}

/// One row of weights for each norm to use, checked against the batch.
at::Tensor resolve_style_weights(const at::Tensor& weights,
                                 const GeneratorConfig& config,
                                 const at::Tensor& image) {
  if (config.norm != Norm::kConditionalInstance) return {};
  if (!weights.defined() && config.styles == 1) return torch::ones({1, 1}, image.device());
  const std::int64_t rows = weights.defined() && weights.dim() == 2 ? weights.size(0) : 0;
  if ((rows != 1 && rows != image.size(0)) || weights.size(1) != config.styles) {
    const std::string styles = std::to_string(config.styles);
    throw ConfigError("generator: expected style weights [1," + styles + "] or [" +
                      std::to_string(image.size(0)) + "," + styles + "], found " +
                      (weights.defined() ? shape_string(weights.sizes().vec()) : "none"));
  }
  return weights.to(image.device(), at::kFloat);
}

}  // namespace

GeneratorImpl::GeneratorImpl(const GeneratorConfig& config)
    : config_((config.validate(), config)),
      encoder_(register_module("encoder", torch::nn::ModuleList())),
      residual_(register_module("residual", torch::nn::ModuleList())),
      decoder_(register_module("decoder", torch::nn::ModuleList())),
      output_(nullptr) {
  const std::int64_t base = config.base_channels;
  encoder_->push_back(EncoderStage(config, 3, base, /*kernel=*/9, /*stride=*/1));
  encoder_->push_back(EncoderStage(config, base, 2 * base, /*kernel=*/3, /*stride=*/2));
  encoder_->push_back(EncoderStage(config, 2 * base, 4 * base, /*kernel=*/3, /*stride=*/2));
  for (int i = 0; i < config.residual_blocks; ++i) {
    residual_->push_back(ResidualBlock(config, 4 * base));
  }
  const std::int64_t joined = config.skip_connections ? 2 : 1;
  decoder_->push_back(DecoderStage(config, 4 * base, 2 * base));
  decoder_->push_back(DecoderStage(config, joined * 2 * base, base));
  output_ = register_module("output", OutputStage(config, joined * base));

  if (config.norm == Norm::kNone) {
    // Nothing else takes the pictures' scale of 0 to 255 out before the last convolution.
    const torch::NoGradGuard no_grad;
    encoder_->named_parameters()["0.conv.weight"].div_(127.5);
  }
}

at::Tensor GeneratorImpl::forward(const at::Tensor& image, const at::Tensor& style_weights) {
  require_image(image);
  const at::Tensor weights = resolve_style_weights(style_weights, config_, image);
  const std::int64_t height = image.size(2);
  const std::int64_t width = image.size(3);

  // Pixels go in as they are: bfloat16 holds every integer up to 256, so that autocast loses
  // nothing here. Instance norm takes a constant out again behind the first convolution; taken out
  // before it, that convolution's result spends its few bits on contrast instead of brightness.
  at::Tensor x = has_instance_norm(config_) ? image - 128 : image;
  x = x.contiguous(at::MemoryFormat::ChannelsLast);
  const std::int64_t margin = is_training() ? 0 : config_.margin;
  const auto behind = [&](std::int64_t side) { return margin + missing(side + 2 * margin); };
  if (margin != 0 || behind(height) != 0 || behind(width) != 0) {
    x = at::reflection_pad2d(x, {margin, behind(width), margin, behind(height)});
  }
  std::vector<at::Tensor> skips;
  for (const auto& stage : *encoder_) {
    x = stage->as<EncoderStage>()->forward(x, weights);
    skips.push_back(x);
  }
  skips.pop_back();  // The last one is what the transformer gets.
  for (const auto& block : *residual_) x = block->as<ResidualBlock>()->forward(x, weights);
  for (const auto& stage : *decoder_) {
    x = stage->as<DecoderStage>()->forward(x, weights);
    if (config_.skip_connections) x = at::cat({x, skips.back()}, 1);
    skips.pop_back();
  }
  return output_->forward(x).slice(2, margin, margin + height).slice(3, margin, margin + width);
}

}  // namespace impasto
