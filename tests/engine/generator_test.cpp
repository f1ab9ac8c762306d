// The engine against libtorch's modules, for every variant, size and instruction set.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/random_model.h"
#include "impasto/engine/engine.h"
#include "impasto/engine/isa.h"
#include "impasto/nn/style_model_io.h"
#include "support/catch.h"

using namespace impasto;

namespace {

/// What the torch half makes of the picture.
std::vector<float> expected(const StyleModel& model,
                            std::vector<float> planes,
                            int width,
                            int height,
                            std::vector<float> style_weights) {
  const torch::NoGradGuard no_grad;
  at::set_num_threads(1);  // the pictures are too small to share
  Generator generator = make_generator(model);
  const at::Tensor image = at::from_blob(planes.data(), {1, 3, height, width}, at::kFloat);
  const at::Tensor weights = at::from_blob(
      style_weights.data(), {1, static_cast<std::int64_t>(style_weights.size())}, at::kFloat);
  const at::Tensor result = generator->forward(image, weights).contiguous();
  const float* values = result.const_data_ptr<float>();
  return {values, values + result.numel()};
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    // Written so that a NaN counts.
    const float difference = std::abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/// Peak signal to noise ratio on the scale of 0 to 255, dB.
double psnr(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.size()) / sum);
}

/// Weights 1, 2, ... of sum 1.
std::vector<float> mixed_styles(int count) {
  std::vector<float> weights(static_cast<std::size_t>(count));
  std::iota(weights.begin(), weights.end(), 1.0f);
  for (float& weight : weights) weight /= static_cast<float>(count * (count + 1)) / 2;
  return weights;
}

struct Side {
  int width;
  int height;
};

const Side kSides[] = {{16, 16}, {40, 32}, {37, 50}, {133, 75}, {18, 95}};

void compare(const StyleModel& model, Side side, engine::Isa isa) {
  const std::vector<float> planes = random_planes(side.width, side.height, 11);
  const std::vector<float> styles = mixed_styles(model.generator.styles);
  const std::vector<float> wanted = expected(model, planes, side.width, side.height, styles);
  std::vector<float> found(planes.size());
  const auto run = [&](Precision precision, bool winograd) {
    const Engine engine(
        model,
        {.threads = 2, .precision = precision, .isa = engine::name_of(isa), .winograd = winograd});
    std::fill(found.begin(), found.end(), NAN);
    REQUIRE(engine.run(planes, side.width, side.height, found, styles));
  };
  INFO(side.width << "x" << side.height << ", " << engine::name_of(isa));
  // The bounds are for pictures; values of up to a few thousand, as a random network without a norm
  // makes, are allowed the same share of their range.
  float range = 255;
  for (const float value : wanted) range = std::max(range, std::abs(value));
  run(Precision::kFloat32, false);
  CHECK(largest_difference(found, wanted) < 1e-3f * range / 255);
  run(Precision::kFloat32, true);
  CHECK(largest_difference(found, wanted) < 0.05f * range / 255);
  run(Precision::kBFloat16, true);
  CHECK(psnr(found, wanted) > 40 - 20 * std::log10(range / 255));
}

}  // namespace

TEST_CASE("every variant gives libtorch's picture with the best instruction set") {
  std::uint64_t seed = 1;
  std::size_t turn = 0;
  for (const NamedConfig& variant : variants()) {
    INFO(variant.name);
    const StyleModel model = random_model(variant.config, seed++);
    for (int i = 0; i < 2; ++i) {
      compare(model, kSides[turn++ % std::size(kSides)], engine::available_isas().back());
    }
  }
}

TEST_CASE("every instruction set gives libtorch's picture for every variant") {
  std::uint64_t seed = 100;
  std::size_t turn = 0;
  for (const NamedConfig& variant : variants()) {
    INFO(variant.name);
    const StyleModel model = random_model(variant.config, seed++);
    for (const engine::Isa isa : engine::available_isas()) {
      compare(model, kSides[turn++ % std::size(kSides)], isa);
    }
  }
}

TEST_CASE("a picture of many tiles gives libtorch's picture") {
  GeneratorConfig config = small_config();
  config.base_channels = 16;
  const StyleModel model = random_model(config, 5);
  compare(model, {1030, 70}, engine::available_isas().back());
  compare(model, {70, 1030}, engine::available_isas().back());
  compare(model, {1030, 70}, engine::Isa::kPortable);
}

TEST_CASE("statistics survive a mean far larger than the deviation") {
  // A nearly constant picture: the first convolution's outputs differ by a thousandth of their
  // size.
  const StyleModel model = random_model(small_config(), 9);
  std::vector<float> planes(3 * 64 * 48);
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i] = 250.0f + (i % 7 == 0 ? 0.25f : 0.0f);
  const std::vector<float> wanted = expected(model, planes, 64, 48, {1.0f});
  std::vector<float> found(planes.size());
  const Engine engine(model, {.threads = 1, .precision = Precision::kFloat32, .winograd = false});
  REQUIRE(engine.run(planes, 64, 48, found));
  CHECK(largest_difference(found, wanted) < 0.5f);
}
