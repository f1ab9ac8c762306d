#include "impasto/train/optimizer.h"

#include <ATen/ATen.h>

#include "support/catch.h"

using namespace impasto;

TEST_CASE("The last convolution moves at its own multiple of the rate") {
  // Adam's first step is the rate against the gradient's sign, whatever its size.
  OptimizerConfig config;
  config.kind = GENERATE(OptimizerKind::kAdam, OptimizerKind::kMuon);
  config.learning_rate = 1e-3;
  NamedTensors parameters;
  for (const char* name : {"encoder.0.norm.weight", "output.conv.weight", "output.conv.bias"}) {
    parameters.insert(name, at::zeros({3}).requires_grad_(true));
  }
  Optimizer optimizer(parameters, config, /*output_gain=*/150);
  for (auto& parameter : parameters) {
    parameter.value().mutable_grad() = at::tensor({-1e-3f, 2.0f, 500.0f});
  }
  optimizer.step(/*factor=*/0.5);
  for (const auto& parameter : parameters) {
    const double step = parameter.key().starts_with("output.") ? 0.075 : 0.0005;
    const at::Tensor expected = at::tensor({step, -step, -step}, at::kDouble);
    INFO(parameter.key());
    CHECK(at::allclose(parameter.value().detach().to(at::kDouble), expected, /*rtol=*/1e-4));
  }
}

TEST_CASE("Plain gradient descent subtracts the rate times the gradient") {
  OptimizerConfig config;
  config.kind = OptimizerKind::kSgd;
  config.learning_rate = 0.5;
  NamedTensors parameters;
  for (const char* name : {"encoder.0.conv.weight", "output.conv.bias"}) {
    parameters.insert(name, at::ones({2}).requires_grad_(true));
  }
  Optimizer optimizer(parameters, config, /*output_gain=*/10);
  for (auto& parameter : parameters) {
    parameter.value().mutable_grad() = at::tensor({-1.0f, 4.0f});
  }
  optimizer.step(/*factor=*/0.5);
  CHECK(at::allclose(parameters["encoder.0.conv.weight"], at::tensor({1.25f, 0.0f})));
  CHECK(at::allclose(parameters["output.conv.bias"], at::tensor({3.5f, -9.0f})));
  optimizer.zero_grad();
  CHECK_FALSE(parameters["output.conv.bias"].grad().defined());
  CHECK(optimizer.state().empty());
}
