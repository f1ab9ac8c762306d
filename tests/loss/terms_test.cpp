#include "impasto/loss/terms.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include "impasto/nn/autocast.h"
#include "loss/finite_difference.h"
#include "support/catch.h"

using impasto::gram_matrix;
using impasto::mean_squared_difference;
using impasto::total_variation;
using impasto::TvKind;

namespace {

at::Tensor random_tensor(at::IntArrayRef shape) {
  torch::manual_seed(7);
  return at::randn(shape, at::kDouble);
}

}  // namespace

TEST_CASE("A Gram matrix is the channels' inner products divided by C H W") {
  // Channels a = (1, 2) and b = (3, -1): a.a = 5, a.b = 3 - 2 = 1, b.b = 10; C H W = 2 * 1 * 2 = 4.
  const auto features = at::tensor({1.0F, 2.0F, 3.0F, -1.0F}).view({1, 2, 1, 2});
  const auto expected = at::tensor({1.25F, 0.25F, 0.25F, 2.5F}).view({1, 2, 2});
  CHECK(at::equal(gram_matrix(features), expected));
}

TEST_CASE("Each picture of a batch has its own Gram matrix") {
  const auto features = random_tensor({3, 4, 5, 6});
  const auto grams = gram_matrix(features);
  REQUIRE(grams.sizes() == at::IntArrayRef({3, 4, 4}));
  for (std::int64_t i = 0; i < 3; ++i) {
    CHECK(at::allclose(grams[i], gram_matrix(features.narrow(0, i, 1))[0], 1e-12, 1e-14));
  }
}

TEST_CASE("A Gram matrix does not depend on the memory format") {
  const auto features = random_tensor({2, 4, 5, 6});
  const auto last = features.contiguous(at::MemoryFormat::ChannelsLast);
  CHECK(at::allclose(gram_matrix(last), gram_matrix(features), 1e-12, 1e-14));
}

TEST_CASE("Gram matrices are float32 under autocast and for bfloat16 features") {
  const auto features = random_tensor({1, 8, 16, 16}).to(at::kFloat);
  const auto expected = gram_matrix(features);
  const impasto::Autocast autocast(at::kCPU, at::kBFloat16);
  const auto product = at::bmm(features.flatten(2), features.flatten(2).transpose(1, 2));
  REQUIRE(product.scalar_type() == at::kBFloat16);  // so the guard has something to undo
  CHECK(at::equal(gram_matrix(features), expected));

  const auto rounded = features.to(at::kBFloat16);
  CHECK(at::equal(gram_matrix(rounded), gram_matrix(rounded.to(at::kFloat))));
}

TEST_CASE("Total variation averages the differences to the right and to below") {
  // 1 4
  // 6 2   right: 3, -4; below: 5, -2.
  const auto image = at::tensor({1.0F, 4.0F, 6.0F, 2.0F}).view({1, 1, 2, 2});
  CHECK(total_variation(image, TvKind::kAbsolute).item<float>() == 3.5F + 3.5F);
  CHECK(total_variation(image, TvKind::kSquared).item<float>() == 12.5F + 14.5F);
}

TEST_CASE("Total variation averages over channels and pictures") {
  const auto one = at::tensor({1.0F, 4.0F, 6.0F, 2.0F}).view({1, 1, 2, 2});
  const auto flat = at::full({1, 1, 2, 2}, 9.0F);
  const auto image = at::cat({at::cat({one, flat}, 1), at::cat({flat, flat}, 1)});
  CHECK(total_variation(image, TvKind::kAbsolute).item<float>() == 7.0F / 4);
}

TEST_CASE("Total variation of a single row has only differences to the right") {
  const auto image = at::tensor({1.0F, 4.0F, 0.0F}).view({1, 1, 1, 3});
  CHECK(total_variation(image, TvKind::kAbsolute).item<float>() == 3.5F);
}

TEST_CASE("The mean squared difference averages over every entry") {
  // Differences 1, -2, 0, 3: squares 1 + 4 + 0 + 9 = 14, over 4 entries.
  const auto a = at::tensor({2.0F, 1.0F, 5.0F, 7.0F}).view({1, 1, 2, 2});
  const auto b = at::tensor({1.0F, 3.0F, 5.0F, 4.0F}).view({1, 1, 2, 2});
  CHECK(mean_squared_difference(a, b).item<float>() == 3.5F);
}

TEST_CASE("The gradients of the terms agree with finite differences") {
  const auto x = random_tensor({2, 3, 5, 4});
  const auto weights = at::randn({2, 3, 3}, at::kDouble);
  const auto other = at::randn({2, 3, 5, 4}, at::kDouble);
  const double step = 1e-6;
  CHECK(gradient_error([&](const auto& y) { return (gram_matrix(y) * weights).sum(); }, x, step) <
        1e-7);
  CHECK(gradient_error([&](const auto& y) { return mean_squared_difference(y, other); }, x, step) <
        1e-7);
  CHECK(gradient_error(
            [](const auto& y) { return total_variation(y, TvKind::kAbsolute); }, x, step) < 1e-7);
  CHECK(gradient_error(
            [](const auto& y) { return total_variation(y, TvKind::kSquared); }, x, step) < 1e-7);
}
