#include "impasto/train/muon.h"

#include <ATen/ATen.h>

#include <cmath>
#include <vector>

#include "support/catch.h"

using impasto::muon_step;
using impasto::orthogonalized;

namespace {

// What five steps of the published iteration make of one singular value.
double after_five_steps(double s) {
  for (int step = 0; step < 5; ++step) {
    s = 3.4445 * s - 4.7750 * std::pow(s, 3) + 2.0315 * std::pow(s, 5);
  }
  return s;
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns) {
  at::manual_seed(static_cast<std::uint64_t>(17 + rows));
  return at::randn({rows, columns});
}

}  // namespace

TEST_CASE("Each singular value goes through the polynomial five times, its vectors stay") {
  for (const auto& [rows, columns] : {std::pair<int, int>{6, 40}, {40, 6}, {16, 16}}) {
    const auto matrices =
        at::stack({random_matrix(rows, columns), random_matrix(rows, columns).square()});
    const auto found = orthogonalized(matrices).to(at::kDouble);
    for (std::int64_t k = 0; k < 2; ++k) {
      const auto [u, s, vh] = at::linalg_svd(matrices[k].to(at::kDouble), /*full_matrices=*/false);
      auto expected = s / s.norm();
      for (std::int64_t i = 0; i < s.numel(); ++i) {
        expected[i] = after_five_steps(expected[i].item<double>());
      }
      CHECK((found[k] - u.matmul(expected.diag()).matmul(vh)).abs().max().item<double>() < 1e-4);
    }
  }
}

TEST_CASE("A random matrix becomes nearly orthonormal, whatever its size") {
  for (const double scale : {1e-6, 1.0, 1e6}) {
    const auto s = at::linalg_svdvals(orthogonalized(random_matrix(32, 288).unsqueeze(0) * scale));
    CHECK(s.min().item<double>() > 0.65);
    CHECK(s.max().item<double>() < 1.25);
  }
}

TEST_CASE("A gradient of zero moves nothing and stays finite") {
  CHECK(at::equal(orthogonalized(at::zeros({2, 4, 9})), at::zeros({2, 4, 9})));
}

TEST_CASE("A step goes along momentum and gradient, at a rate that grows with the rows' surplus") {
  // Two of 8 outputs and 2 inputs, kernel 1: tall matrices, sqrt(8 / 2) = 2.
  at::manual_seed(5);
  std::vector<at::Tensor> weights;
  for (int k = 0; k < 2; ++k) {
    weights.push_back(at::randn({8, 2, 1, 1}).requires_grad_(true));
    weights[k].mutable_grad() = at::randn({8, 2, 1, 1});
  }
  auto momentum = at::randn({2, 8, 2, 1, 1});
  const auto gradient = at::stack({weights[0].grad(), weights[1].grad()});
  const auto before = at::stack({weights[0].detach(), weights[1].detach()});
  const auto followed = 0.95 * momentum + 0.05 * gradient;
  const auto direction = 0.05 * gradient + 0.95 * followed;
  muon_step(weights, momentum, at::full({}, 0.1));
  CHECK(at::allclose(momentum, followed));
  const auto expected =
      before - 0.1 * 2 * orthogonalized(direction.flatten(2)).view(before.sizes());
  CHECK(at::allclose(weights[0].detach(), expected[0]));
  CHECK(at::allclose(weights[1].detach(), expected[1]));
  // A wide one moves at the rate itself.
  auto wide = at::zeros({2, 8, 1, 1}).requires_grad_(true);
  auto rest = at::zeros({1, 2, 8, 1, 1});
  wide.mutable_grad() = gradient[0].view({2, 8, 1, 1}).clone();
  muon_step(wide, rest, at::full({}, 0.1));
  const auto s = at::linalg_svdvals(wide.detach().flatten(1));
  CHECK(s.max().item<double>() < 0.125);
  CHECK(s.min().item<double>() > 0.065);
}
