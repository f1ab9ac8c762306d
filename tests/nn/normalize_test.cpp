#include "impasto/nn/normalize.h"

#include <ATen/ATen.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "impasto/nn/group_norm.h"
#include "support/catch.h"

using namespace impasto;

namespace {

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

/// `x` [N,C,H,W] with the pictures of a group side by side: [groups,C,pixels].
at::Tensor grouped(const at::Tensor& x, std::int64_t groups) {
  return x.reshape({groups, x.size(0) / groups, x.size(1), -1}).transpose(1, 2).flatten(2);
}

/// The definition, in operations that libtorch differentiates by itself.
at::Tensor reference(const at::Tensor& x,
                     std::int64_t groups,
                     const at::Tensor& scale,
                     const at::Tensor& shift,
                     double epsilon) {
  const at::Tensor pixels = grouped(x, groups);
  const at::Tensor centred = pixels - pixels.mean(2, true);
  const at::Tensor deviation = (centred.square().mean(2, true) + epsilon).sqrt();
  const at::Tensor y = centred / deviation * scale.unsqueeze(2) + shift.unsqueeze(2);
  return y.reshape({groups, x.size(1), x.size(0) / groups, -1}).transpose(1, 2).reshape(x.sizes());
}

}  // namespace

TEST_CASE("Statistics are mean and mean squared deviation of each group's channels") {
  // Two pictures of two channels, 1x2 pixels.
  const at::Tensor x =
      torch::tensor({1.f, 3.f, 10.f, 10.f, 5.f, 7.f, 30.f, 50.f}).reshape({2, 2, 1, 2});
  const at::Tensor input = x.contiguous(kChannelsLast);
  const ChannelStatistics own = channel_statistics(input, 2);
  REQUIRE(at::equal(own.mean, torch::tensor({{2.f, 10.f}, {6.f, 40.f}})));
  REQUIRE(at::equal(own.variance, torch::tensor({{1.f, 0.f}, {1.f, 100.f}})));
  const ChannelStatistics all = channel_statistics(input, 1);
  REQUIRE(at::equal(all.mean, torch::tensor({{4.f, 25.f}})));
  REQUIRE(at::equal(all.variance, torch::tensor({{5.f, 275.f}})));
}

TEST_CASE("Statistics of a large and nearly flat picture are exact") {
  // Added up one by one in float32, values of 100 come out as 96 or 104 once the sum is above 2^26.
  torch::manual_seed(1);
  const auto type = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor x = (100.01 + 0.5 * torch::randn({1, 2, 1300, 1100})).to(type);
  const at::Tensor exact = x.to(at::kDouble).flatten(2);
  const ChannelStatistics found = channel_statistics(x.contiguous(kChannelsLast), 1);
  REQUIRE(found.mean.scalar_type() == at::kFloat);
  REQUIRE(largest(found.mean / exact.mean(2) - 1) < 1e-6);
  REQUIRE(largest(found.variance / exact.var(2, /*unbiased=*/false) - 1) < 1e-4);
}

TEST_CASE("Values and gradients of the normalisation agree with the definition") {
  torch::manual_seed(2);
  const std::int64_t groups = GENERATE(1, 2, 4);
  const auto leaf = [](const at::Tensor& values) { return values.clone().requires_grad_(); };
  const at::Tensor values = 3 + 2 * torch::randn({4, 3, 6, 5});
  const at::Tensor scales = torch::randn({groups, 3});
  const at::Tensor shifts = torch::randn({groups, 3});
  const at::Tensor target = torch::randn_like(values);

  at::Tensor x = leaf(values);
  at::Tensor scale = leaf(scales);
  at::Tensor shift = leaf(shifts);
  const at::Tensor input = x.contiguous(kChannelsLast);
  const at::Tensor y =
      normalize(input, channel_statistics(input, groups), scale, shift, /*epsilon=*/1e-2);
  (y * target).sum().backward();

  at::Tensor x2 = leaf(values.to(at::kDouble));
  at::Tensor scale2 = leaf(scales.to(at::kDouble));
  at::Tensor shift2 = leaf(shifts.to(at::kDouble));
  const at::Tensor expected = reference(x2, groups, scale2, shift2, 1e-2);
  (expected * target).sum().backward();

  REQUIRE(largest(y - expected) < 1e-5);
  REQUIRE(largest(x.grad() - x2.grad()) < 1e-5);
  REQUIRE(largest(scale.grad() - scale2.grad()) < 1e-4);
  REQUIRE(largest(shift.grad() - shift2.grad()) < 1e-4);
  REQUIRE(largest(x2.grad()) > 0.1);
}

TEST_CASE("The result has the input's type and layout") {
  const auto type = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor x = torch::randn({2, 3, 4, 5}).to(type).contiguous(kChannelsLast);
  const at::Tensor y = normalize(
      x, channel_statistics(x, 2), torch::ones({2, 3}), torch::zeros({2, 3}), /*epsilon=*/1e-5);
  REQUIRE(y.scalar_type() == type);
  REQUIRE(y.is_contiguous(kChannelsLast));
}

TEST_CASE("All groups at once come to what they come to one by one") {
  torch::manual_seed(3);
  const std::int64_t groups = GENERATE(1, 2, 4);
  const auto type = GENERATE(at::kFloat, at::kBFloat16);
  const auto picture = [&] {
    return (3 + 2 * torch::randn({4, 8, 40, 30})).to(type).contiguous(kChannelsLast);
  };
  const at::Tensor x = picture();
  const at::Tensor dy = picture();
  const at::Tensor scale = torch::randn({groups, 8});
  const at::Tensor shift = torch::randn({groups, 8});
  constexpr double kEpsilon = 1e-2;

  const auto expected = kGroupByGroup.channel_statistics(x, groups);
  const auto found = kGroupsAtOnce.channel_statistics(x, groups);
  REQUIRE(found.mean.scalar_type() == at::kFloat);
  REQUIRE(at::allclose(found.mean, expected.mean));
  REQUIRE(at::allclose(found.variance, expected.variance));

  const auto y = kGroupsAtOnce.normalized(x, expected, scale, shift, kEpsilon);
  const auto expected_y = kGroupByGroup.normalized(x, expected, scale, shift, kEpsilon);
  const double digits = type == at::kFloat ? 1e-5 : 1e-2;
  REQUIRE(y.scalar_type() == type);
  REQUIRE(y.strides() == x.strides());
  REQUIRE(at::allclose(y, expected_y, digits, digits));

  const at::Tensor inverse = (expected.variance + kEpsilon).rsqrt();
  const auto slopes = kGroupsAtOnce.gradients(dy, x, expected.mean, inverse, scale);
  const auto expected_slopes = kGroupByGroup.gradients(dy, x, expected.mean, inverse, scale);
  REQUIRE(slopes.x.scalar_type() == type);
  REQUIRE(slopes.x.strides() == x.strides());
  REQUIRE(at::allclose(slopes.x, expected_slopes.x, digits, digits));
  REQUIRE(at::allclose(slopes.scale, expected_slopes.scale, 1e-4, 1e-2));
  REQUIRE(at::allclose(slopes.shift, expected_slopes.shift, 1e-4, 1e-2));
}
