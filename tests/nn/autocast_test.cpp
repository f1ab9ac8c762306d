#include "impasto/nn/autocast.h"

#include <ATen/ATen.h>
#include <torch/types.h>

#include "support/catch.h"

using namespace impasto;

namespace {

at::ScalarType product_type() {
  const at::Tensor matrix = torch::ones({4, 4});
  return at::mm(matrix, matrix).scalar_type();
}

}  // namespace

TEST_CASE("Autocast lasts as long as the object") {
  REQUIRE(product_type() == at::kFloat);
  {
    const Autocast autocast(c10::kCPU, c10::kBFloat16);
    REQUIRE(product_type() == at::kBFloat16);
  }
  REQUIRE(product_type() == at::kFloat);
}

TEST_CASE("Autocast nests, and float32 switches it off") {
  const Autocast outer(c10::kCPU, c10::kBFloat16);
  {
    const Autocast inner(c10::kCPU, c10::kFloat);
    REQUIRE(product_type() == at::kFloat);
  }
  REQUIRE(product_type() == at::kBFloat16);
}

TEST_CASE("Autocast ends with an exception too") {
  try {
    const Autocast autocast(c10::kCPU, c10::kBFloat16);
    throw 1;
  } catch (int) {
  }
  REQUIRE(product_type() == at::kFloat);
}

TEST_CASE("Weights that changed between two uses of autocast are seen") {
  at::Tensor weight = torch::ones({2, 2}).requires_grad_();
  const at::Tensor x = torch::ones({2, 2});
  const auto product = [&] {
    const Autocast autocast(c10::kCPU, c10::kBFloat16);
    return at::mm(x, weight)[0][0].item<float>();
  };
  REQUIRE(product() == 2);
  {
    const torch::NoGradGuard no_grad;
    weight.mul_(3);
  }
  REQUIRE(product() == 6);
}
