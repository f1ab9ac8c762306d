// Style models under the names of pytorch/examples.

#include "impasto/interop/export_model.h"

#include "impasto/base/error.h"
#include "impasto/interop/import_model.h"
#include "impasto/interop/torch_checkpoint.h"
#include "interop/golden.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/style_models.h"

namespace impasto {
namespace {

TEST_CASE("A network of pytorch/examples goes out under the names and shapes that it came with") {
  const TensorFile original = read_torch_checkpoint(interop_file("examples.pth"));
  const TensorFile exported = to_examples_tensors(import_style(original, "x").model);
  REQUIRE(exported.tensors.size() == original.tensors.size());
  for (const auto& [name, tensor] : original.tensors) {
    INFO(name);
    const HostTensor& found = exported.tensors.at(name);
    CHECK(found.shape == tensor.shape);
    const bool dropped = name.ends_with("conv2d.bias") && name != "deconv3.conv2d.bias";
    if (dropped) {
      CHECK(found.to_floats() == std::vector<float>(static_cast<std::size_t>(tensor.numel()), 0));
    } else {
      CHECK(found == tensor);
    }
  }
}

TEST_CASE("Half precision stays half precision, zero biases included") {
  StyleModel model = random_style_model({.base_channels = 2});
  for (auto& [name, tensor] : model.tensors) tensor = tensor.converted_to(DType::kFloat16);
  for (const auto& [name, tensor] : to_examples_tensors(model).tensors) {
    CHECK(tensor.dtype == DType::kFloat16);
  }
}

TEST_CASE("What pytorch/examples' network does not have is named") {
  const auto error_of = [](const GeneratorConfig& config) {
    const std::vector<std::string> names = {"a", "b"};
    const StyleModel model =
        random_style_model(config, {names.begin(), names.begin() + config.styles});
    return message_of<ConfigError>([&] { to_examples_tensors(model); });
  };
  CHECK(error_of({.base_channels = 2, .output = Output::kTanh}) ==
        "generator: output: expected 'linear', which is all that pytorch/examples' network has; "
        "export ONNX instead");
  CHECK_THAT(error_of({.base_channels = 2, .norm = Norm::kConditionalInstance, .styles = 2}),
             ContainsSubstring("one is chosen with --style"));
  CHECK_THAT(error_of({.base_channels = 2, .upsample = Upsample::kTransposed}),
             ContainsSubstring("generator: upsample: expected 'nearest_conv'"));
  CHECK_THAT(error_of({.base_channels = 2, .skip_connections = true}),
             ContainsSubstring("generator: skip_connections: expected false"));
}

TEST_CASE("One style of several makes the picture that it makes among them") {
  const StyleModel model = random_style_model(
      {.base_channels = 2, .norm = Norm::kConditionalInstance, .styles = 3}, {"a", "b", "c"});
  const StyleModel one = with_one_style(model, 2);
  CHECK(one.styles == std::vector<std::string>{"c"});
  CHECK(one.generator.norm == Norm::kInstance);
  const std::vector<float> picture =
      read_safetensors(interop_file("expected.safetensors")).tensors.at("picture").to_floats();
  const auto run = [&](const StyleModel& from, const std::vector<float>& weights) {
    std::vector<float> result(picture.size());
    Engine(from, {.threads = 1, .precision = Precision::kFloat32})
        .run(picture, 16, 16, result, weights);
    return result;
  };
  CHECK(run(one, {}) == run(model, {0, 0, 1}));
  CHECK(with_one_style(one, 0).tensors == one.tensors);
  CHECK(message_of<ConfigError>([&] { with_one_style(model, 3); }) ==
        "style: expected a number from 0 to 2, found 3");
}

}  // namespace
}  // namespace impasto
