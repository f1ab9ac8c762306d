#include "impasto/base/generator_config.h"

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"

namespace impasto {
namespace {

std::string error_of(const GeneratorConfig& config) {
  return message_of<ConfigError>([&] { config.validate(); });
}

std::string error_of(const std::string& json) {
  return message_of<ConfigError>([&] { generator_config_from_json(json, "model"); });
}

TEST_CASE("The default generator is valid, and so are its variants") {
  CHECK_NOTHROW(GeneratorConfig().validate());
  CHECK_NOTHROW(GeneratorConfig{.base_channels = 1, .residual_blocks = 16}.validate());
  CHECK_NOTHROW(GeneratorConfig{.norm = Norm::kConditionalInstance, .styles = 9}.validate());
  CHECK_NOTHROW(
      GeneratorConfig{.upsample = Upsample::kBilinearConv, .block = Block::kDepthwiseSeparable}
          .validate());
}

TEST_CASE("Every field of a generator is written and read back") {
  const GeneratorConfig config{.base_channels = 12,
                               .residual_blocks = 3,
                               .norm = Norm::kConditionalInstance,
                               .styles = 4,
                               .upsample = Upsample::kPixelShuffle,
                               .encoder_activation = Activation::kPrelu,
                               .decoder_activation = Activation::kRelu6,
                               .output = Output::kSigmoid,
                               .skip_connections = true,
                               .block = Block::kStandard,
                               .margin = 9};
  CHECK(to_json(config) ==
        R"({"base_channels":12,"residual_blocks":3,"norm":"conditional_instance","styles":4,)"
        R"("upsample":"pixel_shuffle","encoder_activation":"prelu","decoder_activation":"relu6",)"
        R"("output":"sigmoid","skip_connections":true,"block":"standard","margin":9})");
  CHECK(generator_config_from_json(to_json(config), "model") == config);
  CHECK(generator_config_from_json("{}", "model") == GeneratorConfig());
}

TEST_CASE("The names of each enum mean its enumerators") {
  const auto read = [](const std::string& field, const std::string& name) {
    return generator_config_from_json(R"({")" + field + R"(":")" + name + R"("})", "model");
  };
  CHECK(read("norm", "instance").norm == Norm::kInstance);
  CHECK(read("norm", "batch").norm == Norm::kBatch);
  CHECK(read("norm", "none").norm == Norm::kNone);
  CHECK(read("norm", "conditional_instance").norm == Norm::kConditionalInstance);
  CHECK(read("upsample", "nearest_conv").upsample == Upsample::kNearestConv);
  CHECK(read("upsample", "bilinear_conv").upsample == Upsample::kBilinearConv);
  CHECK(read("upsample", "transposed").upsample == Upsample::kTransposed);
  CHECK(read("upsample", "pixel_shuffle").upsample == Upsample::kPixelShuffle);
  CHECK(read("encoder_activation", "leaky_relu").encoder_activation == Activation::kLeakyRelu);
  CHECK(read("decoder_activation", "prelu").decoder_activation == Activation::kPrelu);
  CHECK(read("decoder_activation", "relu6").decoder_activation == Activation::kRelu6);
  CHECK(read("output", "linear").output == Output::kLinear);
  CHECK(read("output", "tanh").output == Output::kTanh);
  CHECK(read("output", "sigmoid").output == Output::kSigmoid);
  CHECK(read("block", "depthwise_separable").block == Block::kDepthwiseSeparable);
}

TEST_CASE("Values out of range are refused with the range") {
  CHECK(error_of(GeneratorConfig{.residual_blocks = 0}) ==
        "residual_blocks: expected an integer from 1 to 16, found 0");
  CHECK(error_of(GeneratorConfig{.residual_blocks = 17}) ==
        "residual_blocks: expected an integer from 1 to 16, found 17");
  CHECK(error_of(GeneratorConfig{.base_channels = -1}) ==
        "base_channels: expected an integer from 1 to 1024, found -1");
  CHECK(error_of(R"({"residual_blocks":17})") ==
        "model: residual_blocks: expected an integer from 1 to 16, found 17");
}

TEST_CASE("Several styles need conditional instance norm") {
  for (const Norm norm : {Norm::kInstance, Norm::kBatch, Norm::kNone}) {
    CHECK(error_of(GeneratorConfig{.norm = norm, .styles = 2}) ==
          "styles: expected 1 unless norm is 'conditional_instance', found 2");
  }
}

TEST_CASE("Upsampling with a kernel of its own is not split into depthwise and pointwise") {
  CHECK(error_of(GeneratorConfig{.upsample = Upsample::kTransposed,
                                 .block = Block::kDepthwiseSeparable}) ==
        "upsample: expected 'nearest_conv' or 'bilinear_conv' with block 'depthwise_separable', "
        "found 'transposed'");
  CHECK(error_of(R"({"upsample":"pixel_shuffle","block":"depthwise_separable"})") ==
        "model: upsample: expected 'nearest_conv' or 'bilinear_conv' with block "
        "'depthwise_separable', found 'pixel_shuffle'");
}

TEST_CASE("A generator's JSON is read strictly") {
  CHECK(error_of(R"({"skip_connections":1})") ==
        "model: skip_connections: expected true or false, found 1");
  CHECK(error_of(R"({"norm":"instnce"})") ==
        "model: norm: expected one of 'instance', 'batch', 'none', 'conditional_instance', found "
        "'instnce', did you mean 'instance'?");
  CHECK(error_of(R"({"blocks":1})") == "model: unknown key 'blocks', did you mean 'block'?");
  CHECK(error_of("[]") == "model: expected an object, found a list");
}

}  // namespace
}  // namespace impasto
