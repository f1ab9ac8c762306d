#include "impasto/nn/loss_network.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <array>
#include <fstream>
#include <limits>

#include "golden.h"
#include "impasto/base/error.h"
#include "impasto/nn/autocast.h"
#include "seeded_weights.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

std::vector<int> convolutions(const std::string& architecture) {
  if (architecture == "vgg16") return {2, 2, 3, 3, 3};
  return {2, 2, 4, 4, 4};
}

/// Torchvision's names with make_golden.py's values. The test's own table, written apart from the
/// library's.
TensorFile seeded_vgg(const std::string& architecture) {
  TensorFile file;
  const std::array<std::int64_t, 5> channels = {64, 128, 256, 512, 512};
  std::int64_t in = 3;
  int position = 0;
  const std::vector<int> counts = convolutions(architecture);
  for (std::size_t block = 0; block < counts.size(); ++block) {
    for (int i = 0; i < counts[block]; ++i) {
      const std::string name = "features." + std::to_string(position);
      const at::Tensor weight =
          seeded_tensor(name + ".weight", {channels[block], in, 3, 3}) * std::sqrt(2.f);
      file.tensors[name + ".weight"] = to_host_tensor(weight);
      file.tensors[name + ".bias"] =
          to_host_tensor(seeded_tensor(name + ".bias", {channels[block]}));
      in = channels[block];
      position += 2;
    }
    position += 1;
  }
  return file;
}

/// Both take a while to fill: made once.
const TensorFile& vgg16() {
  static const TensorFile file = seeded_vgg("vgg16");
  return file;
}

LossNetwork make_network(const TensorFile& file) { return LossNetwork(file, "vgg.safetensors"); }

std::string refusal(const TensorFile& file) {
  return message_of<FormatError>([&] { make_network(file); });
}

/// Largest difference over the root mean square of what is expected, at make_golden.py's sample of
/// positions.
double relative_difference(const at::Tensor& found, const at::Tensor& expected) {
  const std::int64_t step = (found.numel() + 255) / 256;
  const at::Tensor sample = found.to(at::kFloat).flatten().slice(0, 0, {}, step);
  REQUIRE(sample.sizes() == expected.sizes());
  const double scale = expected.square().mean().sqrt().item<double>();
  REQUIRE(scale > 0);
  return largest_difference(sample, expected) / scale;
}

std::set<std::string> every_tap(LossNetwork& network) {
  const std::vector<std::string> names = network->tap_names();
  return {names.begin(), names.end()};
}

}  // namespace

TEST_CASE("Every tap of VGG16 and VGG19 gives what an independent implementation gives") {
  const std::string architecture = GENERATE("vgg16", "vgg19");
  const TensorFile golden = read_golden(architecture + "_seeded.safetensors");
  LossNetwork network = make_network(seeded_vgg(architecture));
  REQUIRE(network->architecture() == architecture);
  const std::set<std::string> taps = every_tap(network);
  REQUIRE(taps.size() == (architecture == "vgg16" ? 26 : 32));
  const torch::NoGradGuard no_grad;
  for (const Pooling pooling : {Pooling::kMax, Pooling::kAverage}) {
    network->set_pooling(pooling);
    const std::string prefix = pooling == Pooling::kMax ? "max." : "average.";
    const auto values = network->forward(golden_tensor(golden, "input"), taps);
    REQUIRE(values.size() == taps.size());
    for (const auto& [tap, value] : values) {
      CAPTURE(prefix, tap);
      REQUIRE(relative_difference(value, golden_tensor(golden, prefix + tap)) < 1e-4);
    }
  }
}

TEST_CASE("The original VGG16 gives on a photo what an independent implementation gives") {
  const TensorFile golden = read_golden("vgg16_photo.safetensors");
  LossNetwork network =
      load_loss_network(std::filesystem::path(IMPASTO_SOURCE_DIR) / "data/vgg16.safetensors");
  REQUIRE(network->architecture() == "vgg16");
  const torch::NoGradGuard no_grad;
  const auto values = network->forward(golden_tensor(golden, "input"), every_tap(network));
  for (const auto& [tap, value] : values) {
    CAPTURE(tap);
    REQUIRE(relative_difference(value, golden_tensor(golden, tap)) < 1e-4);
  }
}

TEST_CASE("Taps have the sizes that their poolings leave, rounded down") {
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  const auto values = network->forward(at::rand({2, 3, 37, 50}) * 255,
                                       {"conv1_1", "relu2_2", "relu3_1", "conv4_2", "relu5_3"});
  const auto shape = [&](const char* tap) { return values.at(tap).sizes().vec(); };
  REQUIRE(shape("conv1_1") == std::vector<std::int64_t>{2, 64, 37, 50});
  REQUIRE(shape("relu2_2") == std::vector<std::int64_t>{2, 128, 18, 25});
  REQUIRE(shape("relu3_1") == std::vector<std::int64_t>{2, 256, 9, 12});
  REQUIRE(shape("conv4_2") == std::vector<std::int64_t>{2, 512, 4, 6});
  REQUIRE(shape("relu5_3") == std::vector<std::int64_t>{2, 512, 2, 3});
}

TEST_CASE("A convolution's tap keeps its negative values beside the ReLU's tap") {
  torch::manual_seed(1);
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  const at::Tensor image = at::rand({1, 3, 24, 24}) * 255;
  const auto both = network->forward(image, {"conv2_1", "relu2_1"});
  REQUIRE(both.at("conv2_1").min().item<double>() < 0);
  REQUIRE(at::equal(both.at("conv2_1").relu(), both.at("relu2_1")));
  // The same whether or not the other one, or a deeper one, is asked for.
  REQUIRE(at::equal(network->forward(image, {"conv2_1"}).at("conv2_1"), both.at("conv2_1")));
  REQUIRE(
      at::equal(network->forward(image, {"relu2_1", "relu3_3"}).at("relu2_1"), both.at("relu2_1")));
}

TEST_CASE("Layers beyond the deepest tap are not run") {
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  const at::Tensor image = at::rand({1, 3, 32, 32}) * 255;
  const at::Tensor before = network->forward(image, {"relu3_2"}).at("relu3_2");
  // A layer that ran on a broken weight would say so.
  network->named_buffers()["weight3_3"].resize_({1});
  const auto values = network->forward(image, {"relu1_1", "relu3_2"});
  REQUIRE(at::equal(values.at("relu3_2"), before));
  REQUIRE_THROWS_AS(network->forward(image, {"conv3_3"}), c10::Error);
}

TEST_CASE("Nothing in the network can be trained, and gradients reach the picture") {
  torch::manual_seed(2);
  LossNetwork network = make_network(vgg16());
  REQUIRE(network->parameters().empty());
  at::Tensor image = (at::rand({1, 3, 20, 20}) * 255).requires_grad_();
  const auto values = network->forward(image, {"conv1_2", "relu2_2", "conv3_1"});
  at::Tensor loss = torch::zeros({});
  for (const auto& [tap, value] : values) loss = loss + value.square().mean();
  loss.backward();
  REQUIRE(image.grad().abs().max().item<double>() > 0);
  for (const at::Tensor& buffer : network->buffers()) REQUIRE_FALSE(buffer.requires_grad());
}

TEST_CASE("The picture's gradient agrees with finite differences") {
  torch::manual_seed(3);
  LossNetwork network = make_network(vgg16());
  network->set_pooling(GENERATE(Pooling::kMax, Pooling::kAverage));
  network->to(at::kDouble);
  at::Tensor image = (at::rand({1, 3, 12, 12}, at::kDouble) * 255).requires_grad_();
  const auto loss = [&] {
    const auto values = network->forward(image, {"conv1_2", "relu2_1", "conv3_1"});
    return values.at("conv1_2").square().mean() + values.at("relu2_1").mean() +
           values.at("conv3_1").square().mean();
  };
  loss().backward();
  const torch::NoGradGuard no_grad;
  const at::Tensor direction = at::randn_like(image);
  const double step = 1e-5;
  image.add_(direction, step);
  const double after = loss().item<double>();
  image.sub_(direction, 2 * step);
  const double before = loss().item<double>();
  REQUIRE((after - before) / (2 * step) ==
          Approx((image.grad() * direction).sum().item<double>()).epsilon(1e-4));
}

TEST_CASE("Preprocessing follows the file's mean and standard deviation") {
  TensorFile file = vgg16();
  file.metadata["mean"] = "[0.5, 0.25, 0]";
  file.metadata["std"] = "[0.5, 1, 0.25]";
  // The first convolution is made to copy: channel c of conv1_1 is the preprocessed channel c.
  at::Tensor copy = torch::zeros({64, 3, 3, 3});
  for (const int c : {0, 1, 2}) copy[c][c][1][1] = 1;
  file.tensors["features.0.weight"] = to_host_tensor(copy);
  file.tensors["features.0.bias"] = to_host_tensor(torch::zeros({64}));
  const at::Tensor image =
      torch::tensor({255.f, 51.f, 127.5f}).reshape({1, 3, 1, 1}).expand({1, 3, 2, 2});
  LossNetwork network = make_network(file);
  const at::Tensor value = network->forward(image, {"conv1_1"}).at("conv1_1");
  // (1 - 0.5) / 0.5, (0.2 - 0.25) / 1, (0.5 - 0) / 0.25
  REQUIRE(value[0][0][0][0].item<float>() == Approx(1));
  REQUIRE(value[0][1][0][0].item<float>() == Approx(-0.05));
  REQUIRE(value[0][2][0][0].item<float>() == Approx(2));
}

TEST_CASE("Half-precision files give float32 networks of the rounded values") {
  const DType type = GENERATE(DType::kFloat16, DType::kBFloat16);
  TensorFile file = vgg16();
  for (auto& [name, tensor] : file.tensors) tensor = tensor.converted_to(type);
  LossNetwork network = make_network(file);
  for (const at::Tensor& buffer : network->buffers()) {
    REQUIRE(buffer.scalar_type() == at::kFloat);
  }
  REQUIRE(at::equal(network->named_buffers()["weight4_1"],
                    golden_tensor(file, "features.17.weight").to(at::kFloat)));
}

TEST_CASE("Taps come in autocast's precision and stay close") {
  torch::manual_seed(4);
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  const at::Tensor image = at::rand({1, 3, 32, 32}) * 255;
  const at::Tensor exact = network->forward(image, {"relu4_1"}).at("relu4_1");
  const Autocast autocast(c10::kCPU, c10::kBFloat16);
  const at::Tensor rounded = network->forward(image, {"relu4_1"}).at("relu4_1");
  REQUIRE(rounded.scalar_type() == at::kBFloat16);
  const at::Tensor error = (rounded.to(at::kFloat) - exact).square().mean().sqrt();
  REQUIRE((error / exact.square().mean().sqrt()).item<double>() < 0.05);
}

TEST_CASE("The architecture is told from the names where the metadata does not say") {
  REQUIRE(make_network(vgg16())->architecture() == "vgg16");
  TensorFile file = vgg16();
  file.metadata["architecture"] = "vgg16";
  REQUIRE(make_network(file)->architecture() == "vgg16");
  file.metadata["architecture"] = "resnet50";
  REQUIRE(refusal(file) ==
          "vgg.safetensors: metadata 'architecture': expected vgg16 or vgg19, found 'resnet50'");
  file.metadata["architecture"] = "vgg19";
  REQUIRE(refusal(file) ==
          "vgg.safetensors: tensor 'features.16.weight': expected [256,256,3,3], found no such "
          "tensor");
}

TEST_CASE("Tensors that do not belong to the network are not looked at") {
  TensorFile file = vgg16();
  file.tensors["classifier.0.weight"] = HostTensor::from_floats({2}, {1, 2});
  REQUIRE(make_network(file)->architecture() == "vgg16");
}

TEST_CASE("What is wrong with a loss network's file is said by the tensor's name") {
  TensorFile file = vgg16();
  SECTION("missing") {
    file.tensors.erase("features.28.weight");
    REQUIRE(refusal(file) ==
            "vgg.safetensors: tensor 'features.28.weight': expected [512,512,3,3], found no such "
            "tensor");
  }
  SECTION("missing bias") {
    file.tensors.erase("features.7.bias");
    REQUIRE(refusal(file) ==
            "vgg.safetensors: tensor 'features.7.bias': expected [128], found no such tensor");
  }
  SECTION("no tensor at all") {
    REQUIRE(refusal(TensorFile()) ==
            "vgg.safetensors: tensor 'features.0.weight': expected [64,3,3,3], found no such "
            "tensor");
  }
  SECTION("shape") {
    file.tensors["features.5.weight"] = to_host_tensor(torch::zeros({128, 64, 5, 5}));
    REQUIRE(refusal(file) ==
            "vgg.safetensors: tensor 'features.5.weight': expected [128,64,3,3], found "
            "[128,64,5,5]");
  }
  SECTION("type") {
    file.tensors["features.0.bias"] = to_host_tensor(torch::zeros({64}, at::kInt));
    REQUIRE(refusal(file) ==
            "vgg.safetensors: tensor 'features.0.bias': expected a floating-point type, found I32");
  }
  SECTION("values") {
    at::Tensor bias = torch::zeros({512});
    bias[17] =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
    file.tensors["features.19.bias"] = to_host_tensor(bias);
    REQUIRE(refusal(file) ==
            "vgg.safetensors: tensor 'features.19.bias': expected finite values, found infinity "
            "or NaN");
  }
  SECTION("mean") {
    file.metadata["mean"] = "[1,2]";
    REQUIRE(refusal(file) ==
            "vgg.safetensors: metadata 'mean': expected a list of 3 numbers, found [1,2]");
    file.metadata["mean"] = "0.5 0.5 0.5";
    REQUIRE(refusal(file).starts_with("vgg.safetensors: metadata 'mean'"));
    file.metadata["mean"] = "[\"1\",2,3]";
    REQUIRE(refusal(file).starts_with("vgg.safetensors: metadata 'mean': expected a list of 3"));
  }
  SECTION("standard deviation") {
    file.metadata["std"] = "[1,0,1]";
    REQUIRE(refusal(file) ==
            "vgg.safetensors: metadata 'std': expected 3 numbers above 0, found [1,0,1]");
  }
}

TEST_CASE("A file that is cut or absent is named") {
  const TemporaryFolder folder;
  TensorFile small;
  small.tensors["features.0.weight"] = to_host_tensor(torch::zeros({64, 3, 3, 3}));
  const auto path = folder / "cut.safetensors";
  write_safetensors(path, small);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);
  REQUIRE_THROWS_AS(load_loss_network(path), FormatError);
  REQUIRE_THROWS_WITH(
      load_loss_network(path),
      ContainsSubstring("cut.safetensors") && ContainsSubstring("features.0.weight"));
  REQUIRE_THROWS_AS(load_loss_network(folder / "absent.safetensors"), IoError);
}

TEST_CASE("An unknown tap is a config error with the nearest name") {
  LossNetwork network = make_network(vgg16());
  const at::Tensor image = torch::zeros({1, 3, 16, 16});
  REQUIRE(message_of<ConfigError>([&] {
            network->forward(image, {"relu1_2", "relu2_9"});
          }).starts_with("loss network: vgg16 has no layer 'relu2_9', did you mean 'relu2_"));
  REQUIRE(message_of<ConfigError>([&] {
            network->forward(image, {"relu5_4"});
          }).starts_with("loss network: vgg16 has no layer 'relu5_4'"));
  REQUIRE(message_of<ConfigError>([&] {
            network->forward(image, {"pool1"});
          }).starts_with("loss network: vgg16 has no layer 'pool1'"));
}

TEST_CASE("A picture that pooling would shrink to nothing is a config error") {
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  REQUIRE_THROWS_WITH(network->forward(torch::zeros({1, 3, 40, 15}), {"relu1_1", "relu5_1"}),
                      "loss network: layer 5_1 needs pictures [N,3,H,W] with H and W of at least "
                      "16, found [1,3,40,15]");
  REQUIRE(network->forward(torch::zeros({1, 3, 16, 16}), {"relu5_1"}).at("relu5_1").size(3) == 1);
  REQUIRE(network->forward(torch::zeros({1, 3, 1, 1}), {"relu1_1"}).size() == 1);
  REQUIRE_THROWS_AS(network->forward(torch::zeros({3, 16, 16}), {"relu1_1"}), ConfigError);
}

TEST_CASE("With mirrored edges a picture of one colour has features of one value each") {
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  const at::Tensor plain = torch::full({1, 3, 32, 48}, 90.0);
  const auto spread = [&] {
    const auto features = network->forward(plain, {"conv4_3"}).at("conv4_3");
    const auto least = features.amin({2, 3});
    return ((features.amax({2, 3}) - least).abs().max() / least.abs().max()).item<double>();
  };
  CHECK(spread() > 0.05);  // zeros beyond the edge
  network->set_padding(Padding::kReflect);
  CHECK(spread() < 1e-4);
}

TEST_CASE("Mirrored edges are those of a picture that goes on as its mirror image") {
  LossNetwork network = make_network(vgg16());
  const torch::NoGradGuard no_grad;
  const at::Tensor picture = 255 * torch::rand({1, 3, 20, 24});
  const at::Tensor larger = at::reflection_pad2d(picture, {8, 8, 8, 8});
  const auto first = [&](const at::Tensor& x) {
    return network->forward(x, {"conv1_1"}).at("conv1_1");
  };
  const at::Tensor expected = first(larger).slice(2, 8, 28).slice(3, 8, 32);
  network->set_padding(Padding::kReflect);
  REQUIRE(at::allclose(first(picture), expected, 1e-4, 1e-3));
}

TEST_CASE("Mirrored edges need two pixels behind the last pooling") {
  LossNetwork network = make_network(vgg16());
  network->set_padding(Padding::kReflect);
  const torch::NoGradGuard no_grad;
  REQUIRE_THROWS_WITH(network->forward(torch::zeros({1, 3, 40, 31}), {"relu5_1"}),
                      "loss network: layer 5_1 needs pictures [N,3,H,W] with H and W of at least "
                      "32, found [1,3,40,31]");
  REQUIRE(network->forward(torch::zeros({1, 3, 32, 32}), {"relu5_1"}).at("relu5_1").size(3) == 2);
}

TEST_CASE("No taps, no values") {
  LossNetwork network = make_network(vgg16());
  REQUIRE(network->forward(torch::zeros({1, 3, 16, 16}), {}).empty());
}
