#include "impasto/nn/style_model_io.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "generator_configs.h"
#include "impasto/base/error.h"
#include "support/catch.h"

using namespace impasto;

namespace {

std::vector<std::string> names(int styles) {
  std::vector<std::string> result;
  for (int i = 0; i < styles; ++i) result.push_back("style " + std::to_string(i));
  return result;
}

}  // namespace

TEST_CASE("A generator written as a file and read again gives the same picture bit for bit") {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const at::Tensor image = at::randint(256, {2, 3, 18, 21}, at::kFloat);
  for (const GeneratorConfig& config : every_generator_config()) {
    const bool chosen = config.encoder_activation == Activation::kPrelu &&
                        config.decoder_activation == Activation::kRelu6 &&
                        config.output == Output::kTanh;
    if (!chosen) continue;
    CAPTURE(to_json(config));
    Generator generator(config);
    const at::Tensor style = torch::linspace(0.5, 1, config.styles).unsqueeze(0);
    generator->forward(image, style);  // moves batch norm's running statistics
    generator->eval();

    const StyleModel written = make_style_model(generator, names(config.styles));
    const auto bytes = serialize_safetensors(written.to_tensor_file());
    const auto model = StyleModel::from_tensor_file(parse_safetensors(bytes, "model"), "model");
    REQUIRE(model.generator == config);
    REQUIRE(model.styles == names(config.styles));
    Generator again = make_generator(model);
    REQUIRE_FALSE(again->is_training());
    REQUIRE(at::equal(again->forward(image, style), generator->forward(image, style)));
  }
}

TEST_CASE("A model of a generator in another precision holds float32") {
  GeneratorConfig config;
  config.base_channels = 2;
  Generator generator(config);
  generator->to(at::kBFloat16);
  for (const auto& [name, tensor] : make_style_model(generator, {"a"}).tensors) {
    REQUIRE(tensor.dtype == DType::kFloat32);
  }
}

TEST_CASE("Half-precision model files become float32 generators") {
  GeneratorConfig config;
  config.base_channels = 2;
  StyleModel model = make_style_model(Generator(config), {"a"});
  for (auto& [name, tensor] : model.tensors) tensor = tensor.converted_to(DType::kFloat16);
  const Generator generator = make_generator(model);
  for (const at::Tensor& parameter : generator->parameters()) {
    REQUIRE(parameter.scalar_type() == at::kFloat);
  }
}

TEST_CASE("A later change of the generator does not reach a model made from it") {
  GeneratorConfig config;
  config.base_channels = 2;
  Generator generator(config);
  const StyleModel model = make_style_model(generator, {"a"});
  const std::vector<float> before = model.tensors.at("output.conv.bias").to_floats();
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : generator->parameters()) parameter.add_(1);
  REQUIRE(model.tensors.at("output.conv.bias").to_floats() == before);
}

TEST_CASE("A model that does not fit its config is refused by the tensor's name") {
  GeneratorConfig config;
  config.base_channels = 2;
  StyleModel model = make_style_model(Generator(config), {"a"});
  model.tensors.at("residual.3.conv1.weight") = HostTensor::from_floats({2}, {1, 2});
  REQUIRE_THROWS_AS(make_generator(model), FormatError);
  REQUIRE_THROWS_WITH(make_generator(model),
                      ContainsSubstring("tensor 'residual.3.conv1.weight': expected [8,8,3,3], "
                                        "found [2]"));
}

TEST_CASE("There is a name for each style") {
  REQUIRE_THROWS_WITH(make_style_model(Generator(GeneratorConfig()), {"a", "b"}),
                      "style model: expected 1 style name, found 2");
}
