#include "impasto/nn/layers.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "impasto/nn/autocast.h"
#include "support/catch.h"

using namespace impasto;

namespace {

/// The layer's tensors set to what the test works with.
void assign(torch::nn::Module& layer, const std::string& name, const at::Tensor& values) {
  const torch::NoGradGuard no_grad;
  layer.named_parameters()[name].copy_(values);
}

/// Deviation from the mean over standard deviation, per picture and channel, in float64.
at::Tensor normalised(const at::Tensor& x, at::IntArrayRef axes) {
  const at::Tensor exact = x.to(at::kDouble);
  const at::Tensor centred = exact - exact.mean(axes, true);
  return centred / (centred.square().mean(axes, true) + 1e-5).sqrt();
}

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

}  // namespace

TEST_CASE("A convolution mirrors the picture at its edges") {
  // One row 1 2 3 with a sum over three pixels: 2+1+2, 1+2+3, 2+3+2. Three equal rows triple it.
  ReflectConvImpl conv({.in = 1, .out = 1, .kernel = 3});
  assign(conv, "weight", torch::ones({1, 1, 3, 3}));
  assign(conv, "bias", torch::full({1}, 100));
  const at::Tensor x = torch::tensor({1.f, 2.f, 3.f}).repeat({1, 1, 3, 1});
  REQUIRE(at::equal(conv.forward(x)[0][0][1], torch::tensor({115.f, 118.f, 121.f})));
}

TEST_CASE("A strided convolution halves sides, rounding up") {
  ReflectConvImpl conv({.in = 1, .out = 2, .kernel = 3, .stride = 2, .bias = false});
  REQUIRE(conv.forward(torch::ones({1, 1, 8, 5})).sizes().vec() ==
          std::vector<std::int64_t>{1, 2, 4, 3});
  REQUIRE(conv.named_parameters().size() == 1);
}

TEST_CASE("A separable convolution is one by channel, then one across channels") {
  SeparableConvImpl conv(2, 1, /*stride=*/1, /*bias=*/true);
  at::Tensor depthwise = torch::zeros({2, 1, 3, 3});
  depthwise[0][0][1][1] = 10;  // ten times the pixel
  depthwise[1][0][1][0] = 1;   // the pixel to the left
  assign(conv, "depthwise.weight", depthwise);
  assign(conv, "pointwise.weight", torch::tensor({1.f, 100.f}).reshape({1, 2, 1, 1}));
  assign(conv, "pointwise.bias", torch::tensor({0.5f}));
  at::Tensor x = torch::zeros({1, 2, 2, 3});
  x[0][0] = 1;
  x[0][1][0] = torch::tensor({1.f, 2.f, 3.f});
  // 10 * 1 + 100 * left + 0.5, where the left of the first pixel is its mirror image, 2.
  REQUIRE(at::equal(conv.forward(x)[0][0][0], torch::tensor({210.5f, 110.5f, 210.5f})));
}

TEST_CASE("A transposed convolution spreads each pixel over a patch at twice its place") {
  TransposedConvImpl conv(1, 1, /*bias=*/false);
  assign(conv, "weight", torch::arange(9, torch::kFloat).reshape({1, 1, 3, 3}));
  at::Tensor x = torch::zeros({1, 1, 2, 2});
  x[0][0][0][0] = 1;
  // The patch 0..8 around (0,0), of which the parts above and to the left fall outside.
  at::Tensor expected = torch::zeros({4, 4});
  expected[0][0] = 4;
  expected[0][1] = 5;
  expected[1][0] = 7;
  expected[1][1] = 8;
  REQUIRE(at::equal(conv.forward(x)[0][0], expected));
}

TEST_CASE("A pixel shuffle starts without a checkerboard") {
  torch::manual_seed(1);
  PixelShuffleConvImpl conv(3, 5, /*bias=*/true);
  const at::Tensor y = conv.forward(torch::rand({1, 3, 4, 6}));
  REQUIRE(y.sizes().vec() == std::vector<std::int64_t>{1, 5, 8, 12});
  // All four pixels of each 2x2 square are equal, and squares differ.
  const at::Tensor first = y.slice(2, 0, {}, 2).slice(3, 0, {}, 2);
  REQUIRE(at::equal(y, first.repeat_interleave(2, 2).repeat_interleave(2, 3)));
  REQUIRE(first.std().item<double>() > 0.01);
  REQUIRE(first[0][0].allclose(first[0][1]) == false);
}

TEST_CASE("Weights start uniform within one over the square root of the fan in") {
  torch::manual_seed(2);
  ReflectConvImpl conv({.in = 16, .out = 32, .kernel = 3});
  const double bound = 1.0 / 12;  // sqrt(16 * 9) = 12
  const at::Tensor weight = conv.weight();
  REQUIRE(largest(weight) <= bound);
  REQUIRE(largest(weight) > 0.99 * bound);
  REQUIRE(weight.std().item<double>() == Approx(bound / std::sqrt(3.0)).epsilon(0.03));
  REQUIRE(largest(conv.named_parameters()["bias"]) <= bound);
}

TEST_CASE("Instance norm uses each picture's own mean and variance") {
  torch::manual_seed(3);
  NormLayer norm(Norm::kInstance, 4, 1);
  assign(*norm, "weight", torch::tensor({1.f, 2.f, 3.f, 4.f}));
  assign(*norm, "bias", torch::tensor({0.f, 0.f, 10.f, -10.f}));
  const at::Tensor x = torch::randn({3, 4, 6, 5}) * torch::rand({3, 4, 1, 1}) * 20 + 7;
  const at::Tensor scale = torch::tensor({1., 2., 3., 4.}, at::kDouble).reshape({1, 4, 1, 1});
  const at::Tensor shift = torch::tensor({0., 0., 10., -10.}, at::kDouble).reshape({1, 4, 1, 1});
  REQUIRE(largest(norm->forward(x, {}) - (normalised(x, {2, 3}) * scale + shift)) < 1e-4);
}

TEST_CASE("Norms are safe where the mean is large and the variance small") {
  torch::manual_seed(4);
  const auto kind = GENERATE(Norm::kInstance, Norm::kBatch, Norm::kConditionalInstance);
  const auto pictures = GENERATE(1, 2);
  const auto format = GENERATE(at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast);
  NormLayer norm(kind, 8, 1);
  const at::Tensor x = (1000 + 0.1 * torch::randn({pictures, 8, 33, 47})).contiguous(format);
  const at::Tensor y = norm->forward(x, torch::ones({1, 1}));
  const std::vector<std::int64_t> batch_axes = {0, 2, 3};
  const std::vector<std::int64_t> own_axes = {2, 3};
  const auto& axes = kind == Norm::kBatch ? batch_axes : own_axes;
  // A step of float32 at 1000 is 6e-5, six ten-thousandths of the standard deviation.
  REQUIRE(largest(y - normalised(x, axes)) < 2e-3);
  REQUIRE(y.std().item<double>() == Approx(1).epsilon(2e-3));
}

TEST_CASE("A channel without contrast becomes its shift") {
  NormLayer norm(Norm::kInstance, 2, 1);
  assign(*norm, "bias", torch::tensor({3.f, -4.f}));
  const at::Tensor y = norm->forward(torch::full({1, 2, 4, 4}, 250.f), {});
  REQUIRE(largest(y[0][0] - 3) < 0.01);
  REQUIRE(largest(y[0][1] + 4) < 0.01);
}

TEST_CASE("Norms of bfloat16 pictures take their statistics in float32") {
  torch::manual_seed(5);
  const Autocast autocast(c10::kCPU, c10::kBFloat16);
  const auto kind = GENERATE(Norm::kInstance, Norm::kBatch, Norm::kConditionalInstance);
  NormLayer norm(kind, 2, 2);
  if (kind == Norm::kConditionalInstance) assign(*norm, "weight", torch::full({2, 2}, 1.001f));
  // Sums in bfloat16 would stop growing at a few hundred of these 262144 values.
  const at::Tensor x = (100 + 3 * torch::randn({1, 2, 512, 512})).to(at::kBFloat16);
  const at::Tensor y = norm->forward(x, torch::tensor({{0.3f, 0.7f}}));
  REQUIRE(y.scalar_type() == at::kBFloat16);
  const double scale = kind == Norm::kConditionalInstance ? 1.001 : 1.0;
  const at::Tensor expected = normalised(x, {2, 3}) * scale;
  // Half a step of bfloat16, 1/256 of the value, and a little for the arithmetic.
  REQUIRE(((y - expected).abs() - expected.abs() / 256).max().item<double>() < 2e-3);
}

TEST_CASE("Conditional instance norm mixes rows of scale and shift by the style weights") {
  NormLayer norm(Norm::kConditionalInstance, 1, 2);
  assign(*norm, "weight", torch::tensor({{2.f}, {4.f}}));
  assign(*norm, "bias", torch::tensor({{10.f}, {-10.f}}));
  // Mean 1 and variance 1: normalised to -1 and 1 but for epsilon.
  const at::Tensor x = torch::tensor({{0.f, 2.f}}).reshape({1, 1, 1, 2}).repeat({2, 1, 1, 1});
  const auto values = [&](const at::Tensor& weights) {
    return norm->forward(x, weights).flatten();
  };
  const auto near = [](const at::Tensor& found, const at::Tensor& expected) {
    return largest(found - expected) < 1e-3;
  };
  REQUIRE(near(values(torch::tensor({{1.f, 0.f}})), torch::tensor({8.f, 12.f, 8.f, 12.f})));
  REQUIRE(near(values(torch::tensor({{0.f, 1.f}})), torch::tensor({-14.f, -6.f, -14.f, -6.f})));
  REQUIRE(near(values(torch::tensor({{0.5f, 0.5f}})), torch::tensor({-3.f, 3.f, -3.f, 3.f})));
  // A row of weights for each picture.
  REQUIRE(near(values(torch::tensor({{1.f, 0.f}, {0.f, 1.f}})),
               torch::tensor({8.f, 12.f, -14.f, -6.f})));
}

TEST_CASE("Only the rows of the styles in use get a gradient") {
  NormLayer norm(Norm::kConditionalInstance, 2, 3);
  torch::manual_seed(6);
  const at::Tensor y = norm->forward(torch::randn({1, 2, 4, 4}), torch::tensor({{0.f, 1.f, 0.f}}));
  (y * torch::randn_like(y)).sum().backward();
  const at::Tensor gradient = norm->named_parameters()["weight"].grad();
  REQUIRE(largest(gradient[0]) == 0);
  REQUIRE(largest(gradient[1]) > 0);
  REQUIRE(largest(gradient[2]) == 0);
}

TEST_CASE("Batch norm keeps running statistics in training and uses them in evaluation") {
  NormLayer norm(Norm::kBatch, 1, 1);
  const at::Tensor x = torch::tensor({2.f, 6.f}).reshape({2, 1, 1, 1});  // mean 4
  norm->forward(x, {});
  // A tenth of the way from 0 to the mean 4, and from 1 to the unbiased variance 8.
  REQUIRE(norm->named_buffers()["running_mean"].item<float>() == Approx(0.4));
  REQUIRE(norm->named_buffers()["running_var"].item<float>() == Approx(1.7));
  norm->eval();
  const at::Tensor y = norm->forward(x, {});
  REQUIRE(y[0].item<float>() == Approx((2 - 0.4) / std::sqrt(1.7 + 1e-5)));
  REQUIRE(norm->named_buffers()["running_mean"].item<float>() == Approx(0.4));
}

TEST_CASE("Without a norm values pass through") {
  NormLayer norm(Norm::kNone, 3, 1);
  const at::Tensor x = torch::rand({1, 3, 2, 2});
  REQUIRE(at::equal(norm->forward(x, {}), x));
  REQUIRE(norm->parameters().empty());
}

TEST_CASE("Activations are the functions of their names") {
  const at::Tensor x = torch::tensor({-10.f, -1.f, 0.f, 2.f, 10.f});
  const auto values = [&](Activation kind) {
    return ActivationLayer(kind)->forward(x.clone().reshape({1, 1, 1, 5})).flatten();
  };
  REQUIRE(at::equal(values(Activation::kRelu), torch::tensor({0.f, 0.f, 0.f, 2.f, 10.f})));
  REQUIRE(at::equal(values(Activation::kRelu6), torch::tensor({0.f, 0.f, 0.f, 2.f, 6.f})));
  REQUIRE(
      at::allclose(values(Activation::kLeakyRelu), torch::tensor({-2.f, -0.2f, 0.f, 2.f, 10.f})));
  REQUIRE(at::allclose(values(Activation::kPrelu), torch::tensor({-2.5f, -0.25f, 0.f, 2.f, 10.f})));
}

TEST_CASE("Only prelu has something to learn") {
  REQUIRE(ActivationLayer(Activation::kPrelu)->named_parameters()["weight"].numel() == 1);
  for (const Activation kind : {Activation::kRelu, Activation::kLeakyRelu, Activation::kRelu6}) {
    REQUIRE(ActivationLayer(kind)->parameters().empty());
  }
}
