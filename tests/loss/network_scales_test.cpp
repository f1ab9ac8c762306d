// The same loss weights with VGG files of other scales and depths.

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/safetensors.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/tensors.h"
#include "loss/random_vgg.h"
#include "support/catch.h"

using impasto::LossConfig;
using impasto::LossNetwork;
using impasto::PerceptualLoss;
using impasto::TensorFile;

namespace {

/// Smooth random colours in [0,255], which excite a trained network as photos do.
at::Tensor picture(std::uint64_t seed, std::int64_t side) {
  torch::manual_seed(seed);
  return at::upsample_bicubic2d(at::rand({1, 3, 9, 9}), {side, side}, /*align_corners=*/false)
             .clamp(0, 1) *
         255;
}

struct Losses {
  double content = 0;
  double style = 0;
  at::Tensor gradient;
};

Losses losses_with(LossNetwork network, const LossConfig& config) {
  PerceptualLoss loss(std::move(network), config);
  const auto photo = picture(2, 64);
  loss.calibrate({picture(1, 72)}, photo);
  const auto generated = (photo + 0.2 * (picture(3, 64) - 128)).requires_grad_(true);
  const auto terms = loss(generated, photo, {0});
  terms.total.backward();
  return {.content = terms.content.item<double>(),
          .style = terms.style.item<double>(),
          .gradient = generated.grad()};
}

TensorFile original_vgg16() {
  return impasto::read_safetensors(std::filesystem::path(IMPASTO_SOURCE_DIR) /
                                   "data/vgg16.safetensors");
}

/// The same network in the form of torchvision's files: pictures divided by their standard
/// deviation in [0,1], and activations of about 1 instead of some hundred.
TensorFile in_torchvision_form(const TensorFile& original) {
  const std::vector<double> deviations = {0.229, 0.224, 0.225};
  TensorFile file = original;
  file.metadata["std"] = "[0.229, 0.224, 0.225]";
  double product = 1;
  for (std::size_t i = 0; i < kVgg16Convolutions.size(); ++i) {
    const auto name = "features." + std::to_string(kVgg16Convolutions[i].first);
    const double factor = i == 0 ? 0.01 : i % 2 == 0 ? 1.4 : 0.6;
    product *= factor;
    auto weight = impasto::to_tensor(original.tensors.at(name + ".weight")).to(at::kFloat) * factor;
    const auto bias = impasto::to_tensor(original.tensors.at(name + ".bias")).to(at::kFloat);
    if (i == 0) {
      for (std::int64_t colour = 0; colour < 3; ++colour) {
        weight.select(1, colour).mul_(255 * deviations[static_cast<std::size_t>(colour)]);
      }
    }
    file.tensors[name + ".weight"] = impasto::to_host_tensor(weight);
    file.tensors[name + ".bias"] = impasto::to_host_tensor(bias * product);
  }
  return file;
}

}  // namespace

TEST_CASE("The original VGG16 and the same network in torchvision's form give the same loss") {
  LossConfig config;
  config.tv_weight = 0;
  const auto original = original_vgg16();
  const auto rescaled = in_torchvision_form(original);
  const auto first = losses_with(LossNetwork(original, "original"), config);
  const auto second = losses_with(LossNetwork(rescaled, "rescaled"), config);
  CHECK(first.content > 0.01);
  CHECK(first.style > 0.01);
  CHECK(second.content == Approx(first.content).epsilon(1e-4));
  CHECK(second.style == Approx(first.style).epsilon(1e-4));
  CHECK((second.gradient - first.gradient).norm().item<double>() <
        1e-3 * first.gradient.norm().item<double>());

  config.normalise_features = false;
  CHECK(losses_with(LossNetwork(original, "original"), config).content >
        100 * losses_with(LossNetwork(rescaled, "rescaled"), config).content);
}

TEST_CASE("Taps in front of the ReLU, of both signs, are normalised as well") {
  LossConfig config;
  config.tv_weight = 0;
  config.content = {{"conv4_2", 1.0}};
  config.style = {{"conv1_1", 1.0}, {"conv3_1", 1.0}};
  const auto original = original_vgg16();
  const auto first = losses_with(LossNetwork(original, "original"), config);
  const auto second = losses_with(LossNetwork(in_torchvision_form(original), "rescaled"), config);
  CHECK(second.content == Approx(first.content).epsilon(1e-4));
  CHECK(second.style == Approx(first.style).epsilon(1e-4));

  PerceptualLoss loss(LossNetwork(original, "original"), config);
  loss.calibrate({picture(1, 72)}, picture(2, 64));
  const auto square = [&](const at::Tensor& image) {
    LossNetwork network(original, "original");
    network->set_padding(config.padding);
    const c10::NoGradGuard no_grad;
    const auto features = network->forward(image, {"conv4_2"}).at("conv4_2").to(at::kDouble);
    CHECK(features.min().item<double>() < 0);
    return features.square().mean().item<double>();
  };
  CHECK(loss.scales().at("conv4_2") ==
        Approx(std::sqrt((square(picture(1, 72)) + square(picture(2, 64))) / 2)).epsilon(1e-5));
}

TEST_CASE("VGG16 and VGG19 of quite other scales give losses of one size") {
  LossConfig config;
  config.tv_weight = 0;
  const auto vgg16 = losses_with(random_vgg(kVgg16Convolutions, 7), config);
  const auto vgg19 = losses_with(random_vgg(kVgg19Convolutions, 8, {50.0, 3.0}), config);
  CHECK(vgg19.content / vgg16.content > 0.5);
  CHECK(vgg19.content / vgg16.content < 2);
  CHECK(vgg19.style / vgg16.style > 0.3);
  CHECK(vgg19.style / vgg16.style < 3);
}

TEST_CASE("A layer that is zero on the paintings alone is normalised by the photos") {
  const LossConfig config = [] {
    LossConfig made;
    made.content = {{"relu1_1", 1.0}};
    made.style = {{"relu1_1", 1.0}};
    return made;
  }();
  auto network = random_vgg(kVgg16Convolutions, 7);
  const c10::NoGradGuard no_grad;
  // Active where a picture is brighter than its mean, never on black.
  network->named_buffers()["weight1_1"].fill_(1);
  network->named_buffers()["bias1_1"].fill_(0);
  PerceptualLoss loss(network, config);
  loss.calibrate({at::zeros({1, 3, 32, 32})}, at::full({1, 3, 32, 32}, 200.0F));
  CHECK(loss.scales().at("relu1_1") > 0);
  const auto terms = loss(picture(1, 32), at::full({1, 3, 32, 32}, 200.0F), {0});
  CHECK(std::isfinite(terms.total.item<double>()));
  // Both at zero: nothing to measure.
  CHECK_THROWS_WITH(
      loss.calibrate({at::zeros({1, 3, 32, 32})}, at::zeros({1, 3, 32, 32})),
      ContainsSubstring("'relu1_1' cannot be normalised: expected activations with a positive root "
                        "mean square, found 0"));
}
