#include "impasto/train/gradients.h"

#include <ATen/ATen.h>

#include "support/catch.h"

using impasto::clip_gradients;

namespace {

std::vector<at::Tensor> parameters_with_gradients() {
  std::vector<at::Tensor> parameters = {at::zeros({2}), at::zeros({1}), at::zeros({3})};
  parameters[0].mutable_grad() = at::tensor({2.0F, 3.0F});
  parameters[1].mutable_grad() = at::tensor({6.0F});
  return parameters;  // the third has none
}

}  // namespace

TEST_CASE("Clipping scales all gradients together to the limit") {
  // sqrt(4 + 9 + 36) = 7, halved.
  const auto parameters = parameters_with_gradients();
  CHECK(clip_gradients(parameters, 3.5) == Approx(7));
  CHECK(at::allclose(parameters[0].grad(), at::tensor({1.0F, 1.5F})));
  CHECK(at::allclose(parameters[1].grad(), at::tensor({3.0F})));
  CHECK(clip_gradients(parameters, 0) == Approx(3.5));
}

TEST_CASE("Gradients below the limit, or without one, stay as they are") {
  const double limit = GENERATE(0.0, 8.0);
  const auto parameters = parameters_with_gradients();
  CHECK(clip_gradients(parameters, limit) == Approx(7));
  CHECK(at::equal(parameters[0].grad(), at::tensor({2.0F, 3.0F})));
}
