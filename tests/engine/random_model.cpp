#include "engine/random_model.h"

#include <cmath>

#include "impasto/base/random.h"
#include "impasto/style/parameters.h"

using namespace impasto;

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// A value for each tensor by what it is: from `around - spread` to `around + spread`.
struct Range {
  double around;
  double spread;
};

Range range_of(const ParameterSpec& spec, const GeneratorConfig& config) {
  const bool scaled = config.output == Output::kLinear;
  if (spec.shape.size() == 4) {
    double fan_in = 1;
    for (std::size_t i = 1; i < spec.shape.size(); ++i)
      fan_in *= static_cast<double>(spec.shape[i]);
    const double last = spec.name == "output.conv.weight" && scaled ? 60.0 : 1.0;
    const double first =
        spec.name == "encoder.0.conv.weight" && config.norm == Norm::kNone ? 0.01 : 1.0;
    return {0, std::sqrt(3 / fan_in) * last * first};
  }
  if (spec.name == "output.conv.bias") return {scaled ? 127.0 : 0.0, 0.5};
  if (spec.name == "encoder.0.norm.running_var") return {10000.0, 3000.0};
  if (ends_with(spec.name, "running_var")) return {1.0, 0.3};
  if (ends_with(spec.name, "activation.weight")) return {0.25, 0.1};
  if (ends_with(spec.name, ".weight")) return {1.0, 0.3};
  return {0.0, 0.3};
}

}  // namespace

StyleModel random_model(const GeneratorConfig& config, std::uint64_t seed) {
  StyleModel model;
  model.generator = config;
  for (int s = 0; s < config.styles; ++s) model.styles.push_back("style " + std::to_string(s));
  std::uint64_t stream = 0;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    CounterRandom random(seed, stream++);
    std::int64_t count = 1;
    for (const std::int64_t side : spec.shape) count *= side;
    const Range range = range_of(spec, config);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) {
      value = static_cast<float>(range.around + range.spread * (2 * random.uniform() - 1));
    }
    model.tensors[spec.name] = HostTensor::from_floats(spec.shape, values);
  }
  return model;
}

std::vector<float> random_planes(int width, int height, std::uint64_t seed) {
  CounterRandom random(seed, 0);
  std::vector<float> planes(std::size_t{3} * width * height);
  for (float& value : planes) value = static_cast<float>(random.below(256));
  return planes;
}

Image random_picture(int width, int height, std::uint64_t seed, int channels) {
  CounterRandom random(seed, 1);
  Image picture(width, height, channels);
  for (std::uint8_t& value : picture.pixels()) value = static_cast<std::uint8_t>(random.below(256));
  return picture;
}

GeneratorConfig small_config() {
  GeneratorConfig config;
  config.base_channels = 8;
  config.residual_blocks = 2;
  return config;
}

std::vector<NamedConfig> variants() {
  std::vector<NamedConfig> list;
  const auto add = [&list](const char* name, auto&& change) {
    GeneratorConfig config = small_config();
    change(config);
    list.push_back({name, config});
  };
  add("small", [](GeneratorConfig&) {});
  add("default", [](GeneratorConfig& c) { c = GeneratorConfig(); });
  add("channels that fill no vector", [](GeneratorConfig& c) { c.base_channels = 5; });
  add("channels that fill one and a half", [](GeneratorConfig& c) { c.base_channels = 24; });
  add("batch norm", [](GeneratorConfig& c) { c.norm = Norm::kBatch; });
  add("no norm", [](GeneratorConfig& c) { c.norm = Norm::kNone; });
  add("conditional norm", [](GeneratorConfig& c) {
    c.norm = Norm::kConditionalInstance;
    c.styles = 3;
  });
  add("leaky", [](GeneratorConfig& c) {
    c.encoder_activation = Activation::kLeakyRelu;
    c.decoder_activation = Activation::kLeakyRelu;
  });
  add("prelu, tanh", [](GeneratorConfig& c) {
    c.encoder_activation = Activation::kPrelu;
    c.decoder_activation = Activation::kPrelu;
    c.output = Output::kTanh;
  });
  add("relu6, sigmoid", [](GeneratorConfig& c) {
    c.encoder_activation = Activation::kRelu6;
    c.decoder_activation = Activation::kRelu6;
    c.output = Output::kSigmoid;
  });
  add("skip connections", [](GeneratorConfig& c) {
    c.skip_connections = true;
    c.base_channels = 12;
  });
  const auto add_upsampling =
      [&add](const char* plain, const char* batch, const char* skip, Upsample kind) {
        add(plain, [kind](GeneratorConfig& c) { c.upsample = kind; });
        add(batch, [kind](GeneratorConfig& c) {
          c.upsample = kind;
          c.norm = Norm::kBatch;
          c.base_channels = 20;
        });
        add(skip, [kind](GeneratorConfig& c) {
          c.upsample = kind;
          c.norm = Norm::kNone;
          c.skip_connections = true;
        });
      };
  add_upsampling("bilinear", "bilinear, batch", "bilinear, no norm, skip", Upsample::kBilinearConv);
  add_upsampling(
      "transposed", "transposed, batch", "transposed, no norm, skip", Upsample::kTransposed);
  add_upsampling("shuffle", "shuffle, batch", "shuffle, no norm, skip", Upsample::kPixelShuffle);
  add("nearest, no norm", [](GeneratorConfig& c) { c.norm = Norm::kNone; });
  add("separable", [](GeneratorConfig& c) { c.block = Block::kDepthwiseSeparable; });
  add("separable, bilinear, no norm, skip", [](GeneratorConfig& c) {
    c.block = Block::kDepthwiseSeparable;
    c.upsample = Upsample::kBilinearConv;
    c.norm = Norm::kNone;
    c.skip_connections = true;
  });
  add("separable, no norm", [](GeneratorConfig& c) {
    c.block = Block::kDepthwiseSeparable;
    c.norm = Norm::kNone;
    c.base_channels = 12;
  });
  add("separable, batch", [](GeneratorConfig& c) {
    c.block = Block::kDepthwiseSeparable;
    c.norm = Norm::kBatch;
  });
  add("margin", [](GeneratorConfig& c) { c.margin = 8; });
  add("odd margin, no norm, transposed", [](GeneratorConfig& c) {
    c.margin = 5;
    c.norm = Norm::kNone;
    c.upsample = Upsample::kTransposed;
  });
  add("largest margin, bilinear, skip", [](GeneratorConfig& c) {
    c.margin = 12;
    c.upsample = Upsample::kBilinearConv;
    c.skip_connections = true;
  });
  return list;
}
