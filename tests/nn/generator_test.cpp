#include "impasto/nn/generator.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <map>

#include "generator_configs.h"
#include "golden.h"
#include "impasto/base/error.h"
#include "impasto/nn/autocast.h"
#include "impasto/style/parameters.h"
#include "seeded_weights.h"
#include "support/catch.h"

using namespace impasto;

namespace {

std::map<std::string, std::vector<std::int64_t>> shapes_of(const Generator& generator) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& entry : generator->named_parameters()) {
    shapes[entry.key()] = entry.value().sizes().vec();
  }
  for (const auto& entry : generator->named_buffers()) {
    shapes[entry.key()] = entry.value().sizes().vec();
  }
  return shapes;
}

/// Sets every tensor by its name.
template <class Values>
void set_tensors(const Generator& generator, const Values& values) {
  const torch::NoGradGuard no_grad;
  auto tensors = generator->named_parameters();
  tensors.update(generator->named_buffers());
  for (auto& entry : tensors) {
    const at::Tensor value = values(entry.key(), entry.value().sizes().vec());
    REQUIRE(value.sizes() == entry.value().sizes());
    entry.value().copy_(value);
  }
}

at::Tensor picture(std::int64_t height, std::int64_t width, std::int64_t pictures = 1) {
  return at::randint(256, {pictures, 3, height, width}, at::kFloat);
}

at::Tensor some_style_weights(const GeneratorConfig& config) {
  return torch::linspace(0.2, 0.5, config.styles).unsqueeze(0);
}

GeneratorConfig small_config() {
  GeneratorConfig config;
  config.base_channels = 4;
  config.residual_blocks = 2;
  return config;
}

/// Gives the residual blocks an effect, which they do not start with.
void wake_residual_blocks(const Generator& generator) {
  const torch::NoGradGuard no_grad;
  for (auto& entry : generator->named_parameters()) {
    if (entry.key().ends_with("norm2.weight")) entry.value().fill_(1);
  }
}

/// The name in pytorch/examples' network of a tensor of ours.
std::string examples_name(const std::string& ours) {
  const std::string kind = ours.substr(ours.rfind('.'));
  const std::string place = ours.substr(0, ours.rfind('.'));
  if (place == "output.conv") return "deconv3.conv2d" + kind;
  const std::string part = place.substr(0, place.find('.'));
  const int index = place[part.size() + 1] - '0';
  const std::string layer = place.substr(part.size() + 3);  // conv, norm, conv1, norm1, ...
  const bool is_norm = layer.starts_with("norm");
  if (part == "residual") {
    const std::string block = "res" + std::to_string(index + 1) + ".";
    return block + (is_norm ? "in" : "conv") + layer.back() + (is_norm ? "" : ".conv2d") + kind;
  }
  if (is_norm) return "in" + std::to_string(index + (part == "encoder" ? 1 : 4)) + kind;
  return (part == "encoder" ? "conv" : "deconv") + std::to_string(index + 1) + ".conv2d" + kind;
}

/// make_golden.py's weights of pytorch/examples' network.
at::Tensor examples_tensor(const std::string& name, const std::vector<std::int64_t>& shape) {
  const at::Tensor values = seeded_tensor(name, shape);
  const bool is_norm = name.find("conv2d") == std::string::npos;
  if (is_norm && name.ends_with(".weight")) return values * 5 + 1;
  if (name == "deconv3.conv2d.weight") return values * 60;
  if (name == "deconv3.conv2d.bias") return values + 127;
  return values;
}

}  // namespace

TEST_CASE("A generator has exactly the tensors that the table of names gives it") {
  std::size_t configs = 0;
  for (const GeneratorConfig& config : every_generator_config()) {
    CAPTURE(to_json(config));
    std::map<std::string, std::vector<std::int64_t>> expected;
    for (const ParameterSpec& spec : parameter_specs(config)) expected[spec.name] = spec.shape;
    REQUIRE(shapes_of(Generator(config)) == expected);
    ++configs;
  }
  // 4 norms, 16 pairs of activations, 3 outputs, with and without skips; 4 ways up and 2 of them
  // for depthwise.
  REQUIRE(configs == 4 * 16 * 3 * 2 * (4 + 2));
}

TEST_CASE("Width and depth follow the config") {
  GeneratorConfig config;
  config.base_channels = GENERATE(1, 7, 32);
  config.residual_blocks = GENERATE(1, 16);
  std::map<std::string, std::vector<std::int64_t>> expected;
  for (const ParameterSpec& spec : parameter_specs(config)) expected[spec.name] = spec.shape;
  REQUIRE(shapes_of(Generator(config)) == expected);
}

TEST_CASE("Pictures of any size from 16 up keep their size in every kind of generator") {
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  const at::Tensor odd = picture(17, 23);
  const std::vector<at::Tensor> others = {picture(16, 16), picture(64, 48), picture(18, 101)};
  const auto check = [](Generator& generator, const at::Tensor& image) {
    const at::Tensor result = generator->forward(image, some_style_weights(generator->config()));
    REQUIRE(result.sizes() == image.sizes());
    REQUIRE(result.scalar_type() == at::kFloat);
    REQUIRE(at::isfinite(result).all().item<bool>());
  };
  for (const GeneratorConfig& config : every_generator_config()) {
    CAPTURE(to_json(config));
    Generator generator(config);
    check(generator, odd);
    // Activations and outputs do not touch sizes: one of each stands for all.
    const bool plain = config.encoder_activation == Activation::kRelu &&
                       config.decoder_activation == Activation::kRelu &&
                       config.output == Output::kLinear;
    if (!plain) continue;
    for (const at::Tensor& image : others) check(generator, image);
  }
}

TEST_CASE("In evaluation a margin is mirrored and cut again, in training it is not there") {
  torch::manual_seed(4);
  const torch::NoGradGuard no_grad;
  GeneratorConfig config = small_config();
  Generator bare(config);
  config.margin = 7;
  Generator generator(config);
  set_tensors(bare, seeded_tensor);
  set_tensors(generator, seeded_tensor);
  for (const auto& image : {picture(32, 24), picture(17, 22), picture(16, 16)}) {
    CHECK(at::equal(generator->forward(image), bare->forward(image)));
    generator->eval();
    // At the right and at the bottom further up to a multiple of 4.
    const auto behind = [](std::int64_t side) { return 7 + (4 - (side + 14) % 4) % 4; };
    const at::Tensor mirrored =
        at::reflection_pad2d(image, {7, behind(image.size(3)), 7, behind(image.size(2))});
    const at::Tensor expected =
        bare->forward(mirrored).slice(2, 7, 7 + image.size(2)).slice(3, 7, 7 + image.size(3));
    CHECK(largest_difference(generator->forward(image), expected) < 1e-3);
    CHECK(largest_difference(bare->forward(image), expected) > 1);
    generator->train();
  }
}

TEST_CASE("A picture of one colour gives finite values") {
  torch::manual_seed(2);
  const torch::NoGradGuard no_grad;
  for (const Norm norm : {Norm::kInstance, Norm::kBatch, Norm::kNone}) {
    GeneratorConfig config = small_config();
    config.norm = norm;
    Generator generator(config);
    for (const double value : {0.0, 128.0, 255.0}) {
      const at::Tensor result = generator->forward(torch::full({1, 3, 20, 24}, value));
      REQUIRE(at::isfinite(result).all().item<bool>());
    }
  }
}

TEST_CASE("Pictures of a batch do not see one another") {
  torch::manual_seed(3);
  const torch::NoGradGuard no_grad;
  GeneratorConfig config = small_config();
  config.norm = GENERATE(Norm::kInstance, Norm::kConditionalInstance, Norm::kNone);
  if (config.norm == Norm::kConditionalInstance) config.styles = 2;
  Generator generator(config);
  set_tensors(generator, seeded_tensor);
  const at::Tensor images = picture(20, 27, 2);
  const at::Tensor style =
      config.styles == 2 ? torch::tensor({{1.f, 0.f}, {0.f, 1.f}}) : torch::ones({2, 1});
  const at::Tensor both = generator->forward(images, style);
  for (const std::int64_t i : {0, 1}) {
    const at::Tensor alone =
        generator->forward(images.slice(0, i, i + 1), style.slice(0, i, i + 1));
    REQUIRE(largest_difference(both.slice(0, i, i + 1), alone) < 1e-2);
  }
  if (config.styles == 2) {
    // The second style is another picture.
    const at::Tensor swapped = generator->forward(images, style.flip(0));
    REQUIRE(largest_difference(both, swapped) > 1);
  }
}

TEST_CASE("The default network with pytorch/examples' values gives its output") {
  const TensorFile golden = read_golden("examples_network.safetensors");
  Generator generator((GeneratorConfig()));
  generator->eval();
  set_tensors(generator, [](const std::string& name, const std::vector<std::int64_t>& shape) {
    return examples_tensor(examples_name(name), shape);
  });
  const torch::NoGradGuard no_grad;
  const at::Tensor expected = golden_tensor(golden, "output");
  REQUIRE(expected.min().item<double>() < 10);
  REQUIRE(expected.max().item<double>() > 245);
  const at::Tensor found = generator->forward(golden_tensor(golden, "input"));
  REQUIRE(largest_difference(found, expected) < 1e-3);
}

TEST_CASE("Every kind of layer gives what an independent implementation in NumPy gives") {
  const TensorFile golden = read_golden("generator_variants.safetensors");
  REQUIRE(golden.metadata.size() >= 18);
  const torch::NoGradGuard no_grad;
  for (const auto& [name, config] : golden.metadata) {
    CAPTURE(name);
    Generator generator(generator_config_from_json(config, name));
    generator->eval();
    set_tensors(generator, seeded_tensor);
    at::Tensor style;
    if (golden.tensors.contains(name + ".style_weights")) {
      style = golden_tensor(golden, name + ".style_weights");
    }
    const at::Tensor expected = golden_tensor(golden, name + ".output");
    const at::Tensor found = generator->forward(golden_tensor(golden, name + ".input"), style);
    REQUIRE(expected.std().item<double>() > 0.2);
    // Batch norm in evaluation leaves values in the thousands: relative to those, float32 is as
    // exact.
    const double scale = std::max(1.0, expected.abs().max().item<double>() / 255);
    REQUIRE(largest_difference(found, expected) < 1e-3 * scale);
  }
}

TEST_CASE("In bfloat16 the picture is nearly the same") {
  const TensorFile golden = read_golden("examples_network.safetensors");
  Generator generator((GeneratorConfig()));
  set_tensors(generator, [](const std::string& name, const std::vector<std::int64_t>& shape) {
    return examples_tensor(examples_name(name), shape);
  });
  const torch::NoGradGuard no_grad;
  const Autocast autocast(c10::kCPU, c10::kBFloat16);
  const at::Tensor found = generator->forward(golden_tensor(golden, "input"));
  REQUIRE(found.scalar_type() == at::kFloat);
  const at::Tensor difference = found - golden_tensor(golden, "output");
  REQUIRE(difference.square().mean().sqrt().item<double>() < 2);
}

TEST_CASE("Every parameter learns") {
  torch::manual_seed(4);
  for (const GeneratorConfig& config : every_generator_config()) {
    // Every kind of layer once: other combinations are built from the same ones.
    const bool chosen = config.encoder_activation == Activation::kPrelu &&
                        config.decoder_activation == Activation::kPrelu &&
                        config.output == Output::kTanh;
    if (!chosen) continue;
    CAPTURE(to_json(config));
    // Wide enough that some channel somewhere is negative, where prelu has its parameter.
    GeneratorConfig wide = config;
    wide.base_channels = 8;
    Generator generator(wide);
    wake_residual_blocks(generator);
    const at::Tensor result = generator->forward(picture(16, 20, 2), some_style_weights(config));
    (result * at::randn_like(result)).mean().backward();
    for (const auto& entry : generator->named_parameters()) {
      CAPTURE(entry.key());
      REQUIRE(entry.value().grad().defined());
      REQUIRE(at::isfinite(entry.value().grad()).all().item<bool>());
      REQUIRE(entry.value().grad().abs().max().item<double>() > 0);
    }
  }
}

TEST_CASE("Gradients of the generator agree with finite differences") {
  torch::manual_seed(5);
  GeneratorConfig config = small_config();
  config.base_channels = 2;
  config.residual_blocks = 1;
  config.norm = Norm::kConditionalInstance;
  config.styles = 2;
  config.skip_connections = true;
  Generator generator(config);
  wake_residual_blocks(generator);
  const at::Tensor image = picture(16, 16);
  const at::Tensor weights = torch::tensor({{0.4f, 0.6f}});
  const at::Tensor target = at::randn_like(image);
  const auto loss = [&] { return (generator->forward(image, weights) * target).sum(); };
  loss().backward();
  for (const char* name :
       {"residual.0.norm2.weight", "decoder.1.norm.bias", "output.conv.weight"}) {
    CAPTURE(name);
    at::Tensor parameter = generator->named_parameters()[name];
    const torch::NoGradGuard no_grad;
    const at::Tensor direction = at::randn_like(parameter);
    const double step = 1e-3;
    parameter.add_(direction, step);
    const double after = loss().item<double>();
    parameter.sub_(direction, 2 * step);
    const double before = loss().item<double>();
    parameter.add_(direction, step);
    const double expected = (parameter.grad() * direction).sum().item<double>();
    REQUIRE((after - before) / (2 * step) == Approx(expected).epsilon(0.02).margin(0.05));
  }
}

TEST_CASE("Outputs keep to the range of their kind") {
  torch::manual_seed(6);
  const torch::NoGradGuard no_grad;
  GeneratorConfig config = small_config();
  config.output = GENERATE(Output::kTanh, Output::kSigmoid);
  Generator generator(config);
  generator->named_parameters()["output.conv.weight"].mul_(1000);
  const at::Tensor result = generator->forward(picture(32, 32));
  const double low = config.output == Output::kTanh ? -22.5 : 0;
  REQUIRE(result.min().item<double>() == Approx(low).margin(0.01));
  REQUIRE(result.max().item<double>() == Approx(255 - low).margin(0.01));
}

TEST_CASE("An untrained network makes pictures around middle grey, with norms and without") {
  torch::manual_seed(7);
  const torch::NoGradGuard no_grad;
  GeneratorConfig config;
  config.norm = GENERATE(Norm::kNone, Norm::kInstance);
  config.output = GENERATE(Output::kLinear, Output::kTanh, Output::kSigmoid);
  Generator generator(config);
  const at::Tensor result = generator->forward(picture(32, 32));
  REQUIRE(result.mean().item<double>() == Approx(127.5).margin(32));
  const double contrast = result.std().item<double>();
  REQUIRE(contrast > 0.05);
  REQUIRE(contrast < 127.5);
}

TEST_CASE("A pixel far below black is pulled back by a linear output, not by a saturated one") {
  GeneratorConfig config = small_config();
  config.output = GENERATE(Output::kLinear, Output::kTanh);
  Generator generator(config);
  {
    const torch::NoGradGuard no_grad;
    generator->named_parameters()["output.conv.bias"].fill_(-5000);
  }
  const at::Tensor result = generator->forward(picture(16, 16));
  at::mse_loss(result, at::full_like(result, 127.5)).backward();
  const at::Tensor gradient = generator->named_parameters()["output.conv.bias"].grad();
  const bool pulled = gradient.max().item<double>() < -1;  // The step goes up.
  REQUIRE(pulled == (config.output == Output::kLinear));
}

TEST_CASE("An untrained residual block passes its input on") {
  torch::manual_seed(12);
  for (const Norm norm : {Norm::kInstance, Norm::kBatch, Norm::kConditionalInstance}) {
    GeneratorConfig config = small_config();
    config.norm = norm;
    ResidualBlock block(config, 4);
    const at::Tensor x = at::randn({2, 4, 5, 6});
    REQUIRE(at::equal(block->forward(x, torch::ones({1, 1})), x));
  }
}

TEST_CASE("Equal seeds give equal initial weights") {
  const auto build = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return Generator(small_config());
  };
  const Generator a = build(8);
  const Generator b = build(8);
  const Generator c = build(9);
  for (const auto& entry : a->named_parameters()) {
    REQUIRE(at::equal(entry.value(), b->named_parameters()[entry.key()]));
  }
  REQUIRE_FALSE(at::equal(a->named_parameters()["encoder.0.conv.weight"],
                          c->named_parameters()["encoder.0.conv.weight"]));
}

TEST_CASE("The generator says what it expects") {
  Generator generator(small_config());
  REQUIRE_THROWS_WITH(generator->forward(torch::zeros({1, 3, 15, 40})),
                      "generator: expected pictures [N,3,H,W] with H and W of at least 16, found "
                      "[1,3,15,40]");
  REQUIRE_THROWS_AS(generator->forward(torch::zeros({3, 32, 32})), ConfigError);
  REQUIRE_THROWS_AS(generator->forward(torch::zeros({1, 4, 32, 32})), ConfigError);

  GeneratorConfig config = small_config();
  config.norm = Norm::kConditionalInstance;
  config.styles = 3;
  Generator many(config);
  const at::Tensor images = torch::zeros({2, 3, 16, 16});
  REQUIRE_THROWS_WITH(many->forward(images),
                      "generator: expected style weights [1,3] or [2,3], found none");
  REQUIRE_THROWS_WITH(many->forward(images, torch::ones({2, 2})),
                      "generator: expected style weights [1,3] or [2,3], found [2,2]");
  REQUIRE_THROWS_WITH(many->forward(images, torch::ones({3})),
                      "generator: expected style weights [1,3] or [2,3], found [3]");
  REQUIRE_NOTHROW(many->forward(images, torch::ones({2, 3})));

  config.norm = Norm::kInstance;
  REQUIRE_THROWS_AS(Generator(config), ConfigError);
}

TEST_CASE("A conditional network of one style needs no weights") {
  torch::manual_seed(10);
  GeneratorConfig config = small_config();
  config.norm = Norm::kConditionalInstance;
  Generator generator(config);
  const torch::NoGradGuard no_grad;
  const at::Tensor image = picture(16, 16);
  REQUIRE(at::equal(generator->forward(image), generator->forward(image, torch::ones({1, 1}))));
}
