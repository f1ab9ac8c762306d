#include "impasto/style/parameters.h"

#include <utility>

namespace impasto {

namespace {

/// Collects the tensors of one generator, stage by stage.
class Collector {
 public:
  explicit Collector(const GeneratorConfig& config) : config_(config) {}

  /// A 9x9 convolution, standard whatever the block.
  void wide_conv(const std::string& name, std::int64_t out, std::int64_t in, bool bias) {
    add(name + ".weight", {out, in, 9, 9});
    if (bias) add(name + ".bias", {out});
  }

  /// A 3x3 convolution in front of a norm.
  void conv(const std::string& name, std::int64_t out, std::int64_t in) {
    if (config_.block == Block::kDepthwiseSeparable) {
      add(name + ".depthwise.weight", {in, 1, 3, 3});
      add(name + ".pointwise.weight", {out, in, 1, 1});
      if (!has_norm()) add(name + ".pointwise.bias", {out});
    } else {
      add(name + ".weight", {out, in, 3, 3});
      if (!has_norm()) add(name + ".bias", {out});
    }
  }

  /// A 3x3 convolution that doubles the resolution, in front of a norm.
  void upsampling_conv(const std::string& name, std::int64_t out, std::int64_t in) {
    if (config_.upsample == Upsample::kTransposed) {
      add(name + ".weight", {in, out, 3, 3});
      if (!has_norm()) add(name + ".bias", {out});
    } else if (config_.upsample == Upsample::kPixelShuffle) {
      conv(name, 4 * out, in);
    } else {
      conv(name, out, in);
    }
  }

  void norm(const std::string& name, std::int64_t channels) {
    if (!has_norm()) return;
    std::vector<std::int64_t> shape = {channels};
    if (config_.norm == Norm::kConditionalInstance) shape = {config_.styles, channels};
    add(name + ".weight", shape);
    add(name + ".bias", shape);
    if (config_.norm == Norm::kBatch) {
      add(name + ".running_mean", {channels});
      add(name + ".running_var", {channels});
    }
  }

  void activation(const std::string& name, Activation kind) {
    if (kind == Activation::kPrelu) add(name + ".weight", {1});
  }

  bool has_norm() const { return config_.norm != Norm::kNone; }

  std::vector<ParameterSpec> take() { return std::move(specs_); }

 private:
  void add(std::string name, std::vector<std::int64_t> shape) {
    specs_.push_back({std::move(name), std::move(shape)});
  }

  const GeneratorConfig& config_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::vector<ParameterSpec> parameter_specs(const GeneratorConfig& config) {
  config.validate();
  const std::int64_t base = config.base_channels;
  Collector tensors(config);

  for (int i = 0; i < 3; ++i) {
    const std::string stage = "encoder." + std::to_string(i);
    const std::int64_t out = base << i;
    if (i == 0) {
      tensors.wide_conv(stage + ".conv", out, 3, !tensors.has_norm());
    } else {
      tensors.conv(stage + ".conv", out, out / 2);
    }
    tensors.norm(stage + ".norm", out);
    tensors.activation(stage + ".activation", config.encoder_activation);
  }

  for (int i = 0; i < config.residual_blocks; ++i) {
    const std::string block = "residual." + std::to_string(i);
    tensors.conv(block + ".conv1", 4 * base, 4 * base);
    tensors.norm(block + ".norm1", 4 * base);
    tensors.activation(block + ".activation", config.encoder_activation);
    tensors.conv(block + ".conv2", 4 * base, 4 * base);
    tensors.norm(block + ".norm2", 4 * base);
  }

  const std::int64_t joined = config.skip_connections ? 2 : 1;  // times the channels, from here on
  std::int64_t in = 4 * base;
  for (int i = 0; i < 2; ++i) {
    const std::string stage = "decoder." + std::to_string(i);
    const std::int64_t out = 2 * base >> i;
    tensors.upsampling_conv(stage + ".conv", out, in);
    tensors.norm(stage + ".norm", out);
    tensors.activation(stage + ".activation", config.decoder_activation);
    in = joined * out;
  }
  tensors.wide_conv("output.conv", 3, in, true);
  return tensors.take();
}

}  // namespace impasto
