#include "impasto/train/muon.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

namespace impasto {
namespace {

constexpr double kMomentum = 0.95;
constexpr int kNewtonSchulzSteps = 5;

}  // namespace

at::Tensor orthogonalized(const at::Tensor& matrix) {
  // Of p(s) = 3.4445 s - 4.7750 s^3 + 2.0315 s^5, the polynomial in which a singular value s of at
  // most 1 ends up near 1 fastest.
  constexpr double kLinear = 3.4445;
  constexpr double kCubic = -4.7750;
  constexpr double kQuintic = 2.0315;
  const bool tall = matrix.size(0) > matrix.size(1);
  const at::Tensor x = (tall ? matrix.t() : matrix) / (matrix.norm() + 1e-7);
  // With A = X X^T a step is X <- q(A) X, q(A) = 3.4445 I - 4.7750 A + 2.0315 A^2, and so A <-
  // q(A)^2 A: all of it in the smaller square, and the product of the q(A) meets X once, at the
  // end.
  at::Tensor square = x.mm(x.t());
  const at::Tensor linear = kLinear * at::eye(square.size(0), square.options());
  at::Tensor product;
  for (int step = 0; step < kNewtonSchulzSteps; ++step) {
    const at::Tensor factor = linear + at::addmm(square, square, square, kCubic, kQuintic);
    product = step == 0 ? factor : factor.mm(product);
    if (step + 1 < kNewtonSchulzSteps) square = factor.mm(factor.mm(square));
  }
  const at::Tensor result = product.mm(x);
  return tall ? result.t() : result;
}

void muon_step(at::Tensor& weights, at::Tensor& momentum, double rate) {
  const c10::NoGradGuard no_grad;
  const at::Tensor& gradient = weights.grad();
  momentum.lerp_(gradient, 1 - kMomentum);
  const at::Tensor direction = at::lerp(gradient, momentum, kMomentum).flatten(1);
  const auto shape =
      static_cast<double>(direction.size(0)) / static_cast<double>(direction.size(1));
  weights.add_(orthogonalized(direction).reshape(weights.sizes()),
               -rate * std::sqrt(std::max(1.0, shape)));
}

}  // namespace impasto
