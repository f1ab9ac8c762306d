#include "impasto/train/muon.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace impasto {
namespace {

constexpr double kMomentum = 0.95;
constexpr int kNewtonSchulzSteps = 5;

}  // namespace

at::Tensor orthogonalized(const at::Tensor& matrices) {
  // Of p(s) = 3.4445 s - 4.7750 s^3 + 2.0315 s^5, the polynomial in which a singular value s of at
  // most 1 ends up near 1 fastest.
  constexpr double kLinear = 3.4445;
  constexpr double kCubic = -4.7750;
  constexpr double kQuintic = 2.0315;
  const bool tall = matrices.size(1) > matrices.size(2);
  const at::Tensor norms = at::linalg_vector_norm(matrices, /*ord=*/2, {1, 2}, /*keepdim=*/true);
  const at::Tensor x = (tall ? matrices.transpose(1, 2) : matrices) / (norms + 1e-7);
  // With A = X X^T a step is X <- q(A) X, q(A) = 3.4445 I - 4.7750 A + 2.0315 A^2, and so A <-
  // q(A)^2 A: all of it in the smaller square, and the product of the q(A) meets X once, at the
  // end.
  at::Tensor square = x.bmm(x.transpose(1, 2));
  const at::Tensor linear = kLinear * at::eye(square.size(1), square.options());
  at::Tensor product;
  for (int step = 0; step < kNewtonSchulzSteps; ++step) {
    const at::Tensor factor = linear + at::baddbmm(square, square, square, kCubic, kQuintic);
    product = step == 0 ? factor : factor.bmm(product);
    if (step + 1 < kNewtonSchulzSteps) square = factor.bmm(factor.bmm(square));
  }
  const at::Tensor result = product.bmm(x);
  return tall ? result.transpose(1, 2) : result;
}

void muon_step(at::TensorList weights, at::Tensor& momentum, const at::Tensor& rate) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& weight : weights) gradients.push_back(weight.grad());
  const at::Tensor gradient = at::stack(gradients);
  momentum.lerp_(gradient, 1 - kMomentum);
  const at::Tensor direction = at::lerp(gradient, momentum, kMomentum).flatten(2);
  const auto shape =
      static_cast<double>(direction.size(1)) / static_cast<double>(direction.size(2));
  const at::Tensor moves = orthogonalized(direction).reshape(momentum.sizes()) * rate;
  at::_foreach_sub_(weights, moves.unbind(), std::sqrt(std::max(1.0, shape)));
}

}  // namespace impasto
