#include "impasto/loss/style_balance.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <limits>

#include "impasto/base/error.h"
#include "loss/random_vgg.h"
#include "support/catch.h"

using impasto::balance_style;
using impasto::LossConfig;
using impasto::PerceptualLoss;

namespace {

LossConfig small_config() {
  LossConfig config;
  config.content = {{"relu2_2", 1.0}};
  config.style = {{"relu1_2", 1.0}, {"relu2_1", 0.5}};
  return config;
}

at::Tensor picture(std::uint64_t seed, at::IntArrayRef shape) {
  torch::manual_seed(seed);
  return at::rand(shape, at::kDouble) * 255;
}

struct Scene {
  std::vector<at::Tensor> paintings = {picture(1, {1, 3, 24, 20}), picture(2, {1, 3, 16, 28})};
  at::Tensor photos = picture(3, {2, 3, 16, 16}) * 0.5;
  std::vector<std::int64_t> styles = {1, 0};

  PerceptualLoss loss(const LossConfig& config, const std::vector<double>& factors = {}) const {
    auto network = random_vgg16(5, factors);
    network->to(at::kDouble);
    PerceptualLoss made(network, config);
    made.calibrate(paintings, photos);
    return made;
  }
};

}  // namespace

TEST_CASE("Photos move towards the style by four levels a step at most eight times") {
  const Scene scene;
  auto loss = scene.loss(small_config());
  const auto moved = moved_towards_style(loss, scene.photos, scene.styles);
  const double before = loss(scene.photos, scene.photos, scene.styles).style.item<double>();
  const double after = loss(moved, scene.photos, scene.styles).style.item<double>();
  CHECK(after < 0.5 * before);
  for (std::int64_t i = 0; i < 2; ++i) {
    const double distance = (moved[i] - scene.photos[i]).square().mean().sqrt().item<double>();
    CHECK(distance > 4);
    CHECK(distance < 8 * 4 + 1e-9);
  }
}

TEST_CASE("The gradients' norms are the slopes of the terms along their gradients") {
  const Scene scene;
  auto loss = scene.loss(small_config());
  const auto balance = balance_style(loss, scene.photos, scene.styles);
  const auto y = moved_towards_style(loss, scene.photos, scene.styles);
  const auto slope = [&](auto term) {
    const auto leaf = y.clone().requires_grad_(true);
    term(loss(leaf, scene.photos, scene.styles)).backward();
    const auto direction = leaf.grad() / leaf.grad().norm();
    const auto value_at = [&](double offset) {
      return term(loss(y + offset * direction, scene.photos, scene.styles)).template item<double>();
    };
    return (value_at(1e-4) - value_at(-1e-4)) / 2e-4;
  };
  const double content = slope([](const impasto::LossTerms& terms) { return terms.content; });
  const double style = slope([](const impasto::LossTerms& terms) { return terms.style; });
  CHECK(balance.content_gradient == Approx(content).epsilon(1e-4));
  CHECK(balance.style_gradient == Approx(style / small_config().style_weight).epsilon(1e-4));
  CHECK(balance.style_weight ==
        Approx(content / style * small_config().style_weight).epsilon(1e-4));
}

TEST_CASE("With the chosen weight the style pulls the given multiple as hard as the content") {
  const Scene scene;
  auto loss = scene.loss(small_config());
  const auto balance = balance_style(loss, scene.photos, scene.styles, 2.5);
  const auto y = moved_towards_style(loss, scene.photos, scene.styles);
  loss.set_style_weight(balance.style_weight);
  const auto norm = [&](auto term) {
    const auto leaf = y.clone().requires_grad_(true);
    term(loss(leaf, scene.photos, scene.styles)).backward();
    return leaf.grad().norm().template item<double>();
  };
  const double content = norm([](const impasto::LossTerms& terms) { return terms.content; });
  const double style = norm([](const impasto::LossTerms& terms) { return terms.style; });
  CHECK(style == Approx(2.5 * content).epsilon(1e-9));
}

TEST_CASE("The chosen weight follows the content weight and not the one in the config") {
  const Scene scene;
  auto config = small_config();
  const auto chosen = [&] {
    auto loss = scene.loss(config);
    return balance_style(loss, scene.photos, scene.styles).style_weight;
  };
  const double plain = chosen();
  config.style_weight = 3;
  CHECK(chosen() == Approx(plain).epsilon(1e-6));
  config.content_weight = 4;
  CHECK(chosen() == Approx(4 * plain).epsilon(1e-6));
}

TEST_CASE("The chosen weight is the same for a loss network of another scale") {
  const Scene scene;
  auto plain = scene.loss(small_config());
  auto scaled = scene.loss(small_config(), {7.0, 0.2, 30.0, 0.5});
  CHECK(balance_style(scaled, scene.photos, scene.styles).style_weight ==
        Approx(balance_style(plain, scene.photos, scene.styles).style_weight).epsilon(1e-3));
}

TEST_CASE("A weight that cannot be chosen is an error") {
  const Scene scene;
  auto loss = scene.loss(small_config());
  for (const double multiple : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_WITH(balance_style(loss, scene.photos, scene.styles, multiple),
                      ContainsSubstring("style strength: expected a number above 0"));
  }
  auto config = small_config();
  config.content_weight = 0;
  auto without_content = scene.loss(config);
  CHECK_THROWS_AS(balance_style(without_content, scene.photos, scene.styles), impasto::ConfigError);
  CHECK_THROWS_WITH(balance_style(without_content, scene.photos, scene.styles),
                    ContainsSubstring("a gradient of the content term above 0, found 0; give the "
                                      "weight as a number"));

  // The painting is the photo itself.
  const auto photo = scene.photos.narrow(0, 0, 1);
  loss.calibrate({photo}, photo);
  CHECK_THROWS_WITH(balance_style(loss, photo, {0}),
                    ContainsSubstring("a gradient of the style term above 0"));
}

TEST_CASE("A style weight is replaced by one above 0 alone") {
  const Scene scene;
  auto loss = scene.loss(small_config());
  const double before = loss(scene.photos, scene.photos, scene.styles).style.item<double>();
  loss.set_style_weight(2 * small_config().style_weight);
  CHECK(loss.config().style_weight == 2 * small_config().style_weight);
  CHECK(loss(scene.photos, scene.photos, scene.styles).style.item<double>() ==
        Approx(2 * before).epsilon(1e-12));
  CHECK_THROWS_WITH(loss.set_style_weight(0), ContainsSubstring("loss.style_weight: expected"));
  auto config = small_config();
  config.style_weight = 0;
  auto without = scene.loss(config);
  CHECK_THROWS_AS(without.set_style_weight(5), impasto::ConfigError);
}
