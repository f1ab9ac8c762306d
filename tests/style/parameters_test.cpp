#include "impasto/style/parameters.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "impasto/base/error.h"
#include "impasto/base/host_tensor.h"
#include "support/catch.h"

namespace impasto {
namespace {

using Shape = std::vector<std::int64_t>;

std::map<std::string, Shape> shapes_of(const GeneratorConfig& config) {
  std::map<std::string, Shape> shapes;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    REQUIRE(shapes.emplace(spec.name, spec.shape).second);  // no name twice
  }
  return shapes;
}

std::int64_t count_numbers(const GeneratorConfig& config) {
  std::int64_t count = 0;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    count += HostTensor{DType::kFloat32, spec.shape, {}}.numel();
  }
  return count;
}

/// Names whose last part is `last`.
std::int64_t count_ending(const GeneratorConfig& config, const std::string& last) {
  return std::ranges::count_if(parameter_specs(config), [&](const ParameterSpec& spec) {
    return spec.name.ends_with("." + last);
  });
}

TEST_CASE("A small generator has the tensors worked out by hand, in the order of computation") {
  const GeneratorConfig config{.base_channels = 2, .residual_blocks = 1};
  CHECK(parameter_specs(config) == std::vector<ParameterSpec>{
                                       {"encoder.0.conv.weight", {2, 3, 9, 9}},
                                       {"encoder.0.norm.weight", {2}},
                                       {"encoder.0.norm.bias", {2}},
                                       {"encoder.1.conv.weight", {4, 2, 3, 3}},
                                       {"encoder.1.norm.weight", {4}},
                                       {"encoder.1.norm.bias", {4}},
                                       {"encoder.2.conv.weight", {8, 4, 3, 3}},
                                       {"encoder.2.norm.weight", {8}},
                                       {"encoder.2.norm.bias", {8}},
                                       {"residual.0.conv1.weight", {8, 8, 3, 3}},
                                       {"residual.0.norm1.weight", {8}},
                                       {"residual.0.norm1.bias", {8}},
                                       {"residual.0.conv2.weight", {8, 8, 3, 3}},
                                       {"residual.0.norm2.weight", {8}},
                                       {"residual.0.norm2.bias", {8}},
                                       {"decoder.0.conv.weight", {4, 8, 3, 3}},
                                       {"decoder.0.norm.weight", {4}},
                                       {"decoder.0.norm.bias", {4}},
                                       {"decoder.1.conv.weight", {2, 4, 3, 3}},
                                       {"decoder.1.norm.weight", {2}},
                                       {"decoder.1.norm.bias", {2}},
                                       {"output.conv.weight", {3, 2, 9, 9}},
                                       {"output.conv.bias", {3}},
                                   });
}

TEST_CASE(
    "The default generator is pytorch/examples' network without the biases in front of norms") {
  // That network has 1,679,235 numbers in 62 tensors; 15 of them are biases of 32, 64, 128, ten
  // times 128, 64 and 32 channels in front of a norm.
  CHECK(count_numbers(GeneratorConfig()) == 1'679'235 - (32 + 64 + 128 + 10 * 128 + 64 + 32));
  CHECK(parameter_specs(GeneratorConfig()).size() == 62 - 15);
}

TEST_CASE("The number of residual blocks decides how many tensors there are") {
  CHECK(parameter_specs({.residual_blocks = 1}).size() == 47 - 4 * 6);
  CHECK(parameter_specs({.residual_blocks = 16}).size() == 47 + 11 * 6);
  CHECK(shapes_of({.residual_blocks = 16}).at("residual.15.conv2.weight") == Shape{128, 128, 3, 3});
}

TEST_CASE("Batch norm adds running statistics") {
  const auto shapes = shapes_of({.base_channels = 4, .norm = Norm::kBatch});
  CHECK(shapes.at("residual.2.norm2.running_mean") == Shape{16});
  CHECK(shapes.at("decoder.0.norm.running_var") == Shape{8});
  CHECK(shapes.size() == 47 + 15 * 2);
}

TEST_CASE("Conditional instance norm has a row for each style") {
  const auto shapes = shapes_of({.norm = Norm::kConditionalInstance, .styles = 7});
  CHECK(shapes.at("encoder.1.norm.weight") == Shape{7, 64});
  CHECK(shapes.at("residual.0.norm1.bias") == Shape{7, 128});
  CHECK(shapes_of({.norm = Norm::kConditionalInstance}).at("decoder.1.norm.bias") == Shape{1, 32});
}

TEST_CASE("Without a norm every convolution has a bias") {
  const GeneratorConfig config{.base_channels = 4, .residual_blocks = 2, .norm = Norm::kNone};
  const auto shapes = shapes_of(config);
  CHECK(shapes.size() == 2 * (3 + 4 + 2 + 1));
  CHECK(shapes.at("encoder.0.conv.bias") == Shape{4});
  CHECK(shapes.at("residual.1.conv2.bias") == Shape{16});
  CHECK(shapes.at("decoder.0.conv.bias") == Shape{8});
  CHECK(std::ranges::none_of(
      shapes, [](const auto& entry) { return entry.first.find("norm") != std::string::npos; }));
}

TEST_CASE("Transposed upsampling stores its weights input first") {
  GeneratorConfig config{.upsample = Upsample::kTransposed};
  CHECK(shapes_of(config).at("decoder.0.conv.weight") == Shape{128, 64, 3, 3});
  CHECK(shapes_of(config).at("decoder.1.conv.weight") == Shape{64, 32, 3, 3});
  config.norm = Norm::kNone;
  CHECK(shapes_of(config).at("decoder.1.conv.bias") == Shape{32});
}

TEST_CASE("Pixel shuffle convolves to four times the channels, and norms after the shuffle") {
  GeneratorConfig config{.upsample = Upsample::kPixelShuffle};
  CHECK(shapes_of(config).at("decoder.0.conv.weight") == Shape{256, 128, 3, 3});
  CHECK(shapes_of(config).at("decoder.1.conv.weight") == Shape{128, 64, 3, 3});
  CHECK(shapes_of(config).at("decoder.1.norm.weight") == Shape{32});
  config.norm = Norm::kNone;
  CHECK(shapes_of(config).at("decoder.0.conv.bias") == Shape{256});
}

TEST_CASE("Skip connections widen what comes after them") {
  const auto shapes = shapes_of({.skip_connections = true});
  CHECK(shapes.at("decoder.0.conv.weight") == Shape{64, 128, 3, 3});
  CHECK(shapes.at("decoder.1.conv.weight") == Shape{32, 128, 3, 3});
  CHECK(shapes.at("output.conv.weight") == Shape{3, 64, 9, 9});
  CHECK(shapes_of({.upsample = Upsample::kTransposed, .skip_connections = true})
            .at("decoder.1.conv.weight") == Shape{128, 32, 3, 3});
}

TEST_CASE("Each activation that learns has one number of its own") {
  const GeneratorConfig encoder{.residual_blocks = 3, .encoder_activation = Activation::kPrelu};
  CHECK(count_ending(encoder, "activation.weight") == 3 + 3);
  CHECK(shapes_of(encoder).at("residual.2.activation.weight") == Shape{1});
  CHECK_FALSE(shapes_of(encoder).contains("decoder.0.activation.weight"));
  const GeneratorConfig decoder{.decoder_activation = Activation::kPrelu};
  CHECK(count_ending(decoder, "activation.weight") == 2);
  CHECK(shapes_of(decoder).at("decoder.1.activation.weight") == Shape{1});
}

TEST_CASE("Depthwise separable blocks split every 3x3 convolution") {
  GeneratorConfig config{.block = Block::kDepthwiseSeparable};
  const auto shapes = shapes_of(config);
  CHECK(shapes.at("encoder.0.conv.weight") == Shape{32, 3, 9, 9});
  CHECK(shapes.at("encoder.1.conv.depthwise.weight") == Shape{32, 1, 3, 3});
  CHECK(shapes.at("encoder.1.conv.pointwise.weight") == Shape{64, 32, 1, 1});
  CHECK(shapes.at("decoder.0.conv.depthwise.weight") == Shape{128, 1, 3, 3});
  CHECK(shapes.at("decoder.0.conv.pointwise.weight") == Shape{64, 128, 1, 1});
  CHECK_FALSE(shapes.contains("residual.0.conv1.weight"));
  CHECK_FALSE(shapes.contains("residual.0.conv1.pointwise.bias"));
  CHECK(count_ending(config, "depthwise.weight") == 2 + 10 + 2);
  CHECK(count_numbers(config) < count_numbers(GeneratorConfig()) / 6);

  config.norm = Norm::kNone;
  CHECK(shapes_of(config).at("residual.0.conv1.pointwise.bias") == Shape{128});
  CHECK_FALSE(shapes_of(config).contains("residual.0.conv1.depthwise.bias"));
}

TEST_CASE("A generator that makes no sense has no tensors") {
  CHECK_THROWS_AS(parameter_specs({.residual_blocks = 0}), ConfigError);
  CHECK_THROWS_AS(parameter_specs({.styles = 2}), ConfigError);
}

}  // namespace
}  // namespace impasto
