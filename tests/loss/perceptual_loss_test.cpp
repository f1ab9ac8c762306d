#include "impasto/loss/perceptual_loss.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <c10/core/GradMode.h>
#include <torch/utils.h>

#include <atomic>
#include <cmath>
#include <cstring>

#include "impasto/base/error.h"
#include "impasto/base/random.h"
#include "impasto/loss/terms.h"
#include "impasto/nn/autocast.h"
#include "loss/finite_difference.h"
#include "loss/random_vgg.h"
#include "support/catch.h"

using impasto::LossConfig;
using impasto::LossNetwork;
using impasto::PerceptualLoss;

namespace {

LossConfig small_config() {
  LossConfig config;
  config.content = {{"relu2_2", 0.7}};
  config.style = {{"relu1_2", 0.5}, {"relu2_1", 2.0}};
  config.content_weight = 3.0;
  config.style_weight = 4.0;
  config.tv_weight = 0.01;
  return config;
}

at::Tensor picture(std::uint64_t seed, at::IntArrayRef shape, at::ScalarType type = at::kDouble) {
  torch::manual_seed(seed);
  return (at::rand(shape, at::kDouble) * 255).to(type);
}

LossNetwork in_double(LossNetwork network) {
  network->to(at::kDouble);
  return network;
}

struct Scene {
  std::vector<at::Tensor> paintings = {picture(1, {1, 3, 24, 20}), picture(2, {1, 3, 16, 28})};
  at::Tensor photos = picture(3, {2, 3, 16, 16});
  at::Tensor generated = picture(4, {2, 3, 16, 16});
  std::vector<std::int64_t> styles = {1, 0};
};

double mean_square(const at::Tensor& x) { return x.square().mean().item<double>(); }

std::atomic<int> g_convolutions = 0;

std::unique_ptr<at::ObserverContext> count_convolution(const at::RecordFunction& function) {
  if (std::strcmp(function.name(), "aten::convolution") == 0) ++g_convolutions;
  return nullptr;
}

}  // namespace

TEST_CASE("The terms are the weighted sums of the equation, picture by picture") {
  const Scene scene;
  const bool normalise = GENERATE(false, true);
  auto config = small_config();
  config.normalise_features = normalise;
  auto network = in_double(random_vgg16(5));
  PerceptualLoss loss(network, config);
  loss.calibrate(scene.paintings, scene.photos);
  const auto terms = loss(scene.generated, scene.photos, scene.styles);

  // The same again, written out.
  const std::set<std::string> taps = {"relu1_2", "relu2_1", "relu2_2"};
  const auto of_photos = network->forward(scene.photos, taps);
  const auto of_generated = network->forward(scene.generated, taps);
  std::vector<std::map<std::string, at::Tensor>> of_paintings;
  for (const auto& painting : scene.paintings) {
    of_paintings.push_back(network->forward(painting, taps));
  }
  const auto scale = [&](const std::string& tap) {
    if (!normalise) return 1.0;
    const double paintings =
        (mean_square(of_paintings[0].at(tap)) + mean_square(of_paintings[1].at(tap))) / 2;
    return std::sqrt((paintings + mean_square(of_photos.at(tap))) / 2);
  };
  const double content =
      3.0 * 0.7 *
      mean_square((of_generated.at("relu2_2") - of_photos.at("relu2_2")) / scale("relu2_2"));
  double style = 0;
  for (const auto& [tap, weight] : config.style) {
    double sum = 0;
    for (std::int64_t i = 0; i < 2; ++i) {
      const auto painting = static_cast<std::size_t>(scene.styles[static_cast<std::size_t>(i)]);
      const auto gram = [&](const at::Tensor& features) {
        const auto f = features.flatten(1) / scale(tap);
        return at::matmul(f, f.t()) / static_cast<double>(f.numel());
      };
      sum += mean_square(gram(of_generated.at(tap)[i]) - gram(of_paintings[painting].at(tap)[0]));
    }
    style += 4.0 * weight * sum / 2;
  }
  const double tv = 0.01 * impasto::total_variation(scene.generated, config.tv_kind).item<double>();

  CHECK(terms.content.item<double>() == Approx(content).epsilon(1e-9));
  CHECK(terms.style.item<double>() == Approx(style).epsilon(1e-9));
  CHECK(terms.tv.item<double>() == Approx(tv).epsilon(1e-9));
  CHECK(terms.total.item<double>() == Approx(content + style + tv).epsilon(1e-9));
}

TEST_CASE("The gradients of content and style agree with finite differences") {
  const Scene scene;
  PerceptualLoss loss(in_double(random_vgg16(6)), small_config());
  loss.calibrate(scene.paintings, scene.photos);
  const auto content = [&](const at::Tensor& y) {
    return loss(y, scene.photos, scene.styles).content;
  };
  const auto style = [&](const at::Tensor& y) { return loss(y, scene.photos, scene.styles).style; };
  CHECK(gradient_error(content, scene.generated, 1e-5) < 1e-5);
  CHECK(gradient_error(style, scene.generated, 1e-5) < 1e-5);
}

TEST_CASE("Scaling every layer's activations changes neither loss nor gradient") {
  impasto::CounterRandom random(11, 0);
  std::vector<double> factors;
  for (std::size_t i = 0; i < kVgg16Convolutions.size(); ++i) {
    factors.push_back(std::exp(6 * random.uniform() - 3));  // 0.05 to 20
  }
  const Scene scene;
  const auto run = [&](LossNetwork network, bool normalise) {
    auto config = small_config();
    config.normalise_features = normalise;
    PerceptualLoss loss(in_double(std::move(network)), config);
    loss.calibrate(scene.paintings, scene.photos);
    const auto y = scene.generated.clone().requires_grad_(true);
    const auto total = loss(y, scene.photos, scene.styles).total;
    total.backward();
    return std::pair(total.item<double>(), y.grad());
  };
  const auto [plain, plain_gradient] = run(random_vgg16(8), true);
  const auto [scaled, scaled_gradient] = run(random_vgg16(8, factors), true);
  // The weights are stored in float32, so a factor costs their last digit.
  CHECK(scaled == Approx(plain).epsilon(1e-5));
  CHECK((scaled_gradient - plain_gradient).abs().max().item<double>() <
        1e-4 * plain_gradient.abs().max().item<double>());

  const double literal = run(random_vgg16(8), false).first;
  CHECK(run(random_vgg16(8, factors), false).first != Approx(literal).epsilon(0.1));
}

TEST_CASE("Measured scales restore the same loss") {
  const Scene scene;
  PerceptualLoss first(in_double(random_vgg16(9)), small_config());
  first.calibrate(scene.paintings, scene.photos);
  PerceptualLoss second(in_double(random_vgg16(9)), small_config());
  second.calibrate(scene.paintings, first.scales());
  CHECK(first.scales().size() == 3);
  CHECK(at::equal(second(scene.generated, scene.photos, scene.styles).total,
                  first(scene.generated, scene.photos, scene.styles).total));
}

TEST_CASE("A scale does not depend on how many photos there are") {
  const Scene scene;
  PerceptualLoss once(in_double(random_vgg16(9)), small_config());
  once.calibrate(scene.paintings, scene.photos);
  PerceptualLoss twice(in_double(random_vgg16(9)), small_config());
  twice.calibrate(scene.paintings, at::cat({scene.photos, scene.photos}));
  for (const auto& [tap, scale] : once.scales()) {
    CHECK(twice.scales().at(tap) == Approx(scale).epsilon(1e-9));
  }
}

TEST_CASE("A picture's own features and Gram matrices give no loss") {
  const Scene scene;
  auto config = small_config();
  config.tv_weight = 0;
  PerceptualLoss loss(in_double(random_vgg16(10)), config);
  loss.calibrate({scene.photos.narrow(0, 0, 1)}, scene.photos);
  const auto photo = scene.photos.narrow(0, 0, 1);
  CHECK(loss(photo, photo, {0}).total.item<double>() == Approx(0).margin(1e-15));
}

TEST_CASE("The photo's branch runs no deeper than the deepest content tap") {
  const Scene scene;
  auto config = small_config();
  config.content = {{"relu1_2", 1.0}};
  config.style = {{"relu2_2", 1.0}};
  PerceptualLoss loss(in_double(random_vgg16(10)), config);
  loss.calibrate(scene.paintings, scene.photos);
  g_convolutions = 0;
  const auto handle = at::addGlobalCallback(at::RecordFunctionCallback(count_convolution));
  loss(scene.generated, scene.photos, scene.styles);
  at::removeCallback(handle);
  CHECK(g_convolutions == 2 + 4);  // photos to relu1_2, generated to relu2_2
}

TEST_CASE("A term without weight costs nothing and is zero") {
  const Scene scene;
  auto config = small_config();
  config.style_weight = 0;
  config.tv_weight = 0;
  PerceptualLoss loss(in_double(random_vgg16(10)), config);
  loss.calibrate(scene.paintings, scene.photos);
  const auto terms = loss(scene.generated, scene.photos, scene.styles);
  CHECK(terms.style.item<double>() == 0);
  CHECK(terms.tv.item<double>() == 0);
  CHECK(terms.content.item<double>() > 0);
  CHECK(loss.scales().count("relu1_2") == 0);
}

TEST_CASE("The loss is float32 under autocast and near the float32 loss") {
  const Scene scene;
  PerceptualLoss loss(random_vgg16(12), small_config());
  std::vector<at::Tensor> paintings;
  for (const auto& painting : scene.paintings) paintings.push_back(painting.to(at::kFloat));
  const auto photos = scene.photos.to(at::kFloat);
  const auto generated = scene.generated.to(at::kFloat);
  loss.calibrate(paintings, photos);
  const auto expected = loss(generated, photos, scene.styles);
  const impasto::Autocast autocast(at::kCPU, at::kBFloat16);
  const auto terms = loss(generated, photos, scene.styles);
  CHECK(terms.total.scalar_type() == at::kFloat);
  CHECK(terms.content.item<float>() == Approx(expected.content.item<float>()).epsilon(0.03));
  CHECK(terms.style.item<float>() == Approx(expected.style.item<float>()).epsilon(0.03));
}

TEST_CASE("A layer that the network does not have is named with the nearest one") {
  auto config = small_config();
  config.content = {{"relu2_3", 1.0}};
  CHECK_THROWS_AS(PerceptualLoss(random_vgg16(1), config), impasto::ConfigError);
  CHECK_THROWS_WITH(PerceptualLoss(random_vgg16(1), config),
                    ContainsSubstring("loss.content.relu2_3: vgg16 has no such layer") &&
                        ContainsSubstring("relu2_2"));
  config = small_config();
  config.style = {{"rleu1_1", 1.0}};
  CHECK_THROWS_WITH(
      PerceptualLoss(random_vgg16(1), config),
      ContainsSubstring("loss.style.rleu1_1") && ContainsSubstring("did you mean 'relu1_1'?"));
}

TEST_CASE("A layer that is dead on every picture cannot be normalised") {
  const Scene scene;
  auto network = in_double(random_vgg16(1));
  const c10::NoGradGuard no_grad;
  for (auto& weight : network->buffers()) {
    if (weight.size(0) > 1) weight.fill_(weight.dim() == 4 ? 0 : -1);  // not the colours' mean
  }
  PerceptualLoss loss(network, small_config());
  const auto calibrate = [&] { loss.calibrate(scene.paintings, scene.photos); };
  CHECK_THROWS_AS(calibrate(), impasto::ConfigError);
  CHECK_THROWS_WITH(
      calibrate(),
      ContainsSubstring("layer 'relu") && ContainsSubstring("loss.normalise_features"));
}

TEST_CASE("Mirrored edges give another loss than the zeros of the papers") {
  const Scene scene;
  const auto total = [&](impasto::Padding padding) {
    auto config = small_config();
    config.padding = padding;
    PerceptualLoss loss(in_double(random_vgg16(13)), config);
    loss.calibrate(scene.paintings, scene.photos);
    return loss(scene.generated, scene.photos, scene.styles).style.item<double>();
  };
  CHECK(LossConfig().padding == impasto::Padding::kReflect);
  CHECK(total(impasto::Padding::kReflect) != Approx(total(impasto::Padding::kZero)).epsilon(1e-3));
}

TEST_CASE("Average pooling gives another loss than max pooling") {
  const Scene scene;
  const auto total = [&](impasto::Pooling pooling) {
    auto config = small_config();
    config.pooling = pooling;
    PerceptualLoss loss(in_double(random_vgg16(13)), config);
    loss.calibrate(scene.paintings, scene.photos);
    return loss(scene.generated, scene.photos, scene.styles).content.item<double>();
  };
  CHECK(total(impasto::Pooling::kMax) != Approx(total(impasto::Pooling::kAverage)).epsilon(1e-3));
}
