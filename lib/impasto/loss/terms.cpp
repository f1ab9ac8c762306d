#include "impasto/loss/terms.h"

#include <ATen/ATen.h>

#include "impasto/nn/autocast.h"

namespace impasto {
namespace {

at::Tensor at_least_float32(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

}  // namespace

at::Tensor gram_matrix(const at::Tensor& features) {
  // An autocast around the loss would take the matrix product back to bfloat16.
  const Autocast in_full(features.device(), at::kFloat);
  // A view also of channels-last features: the matrix product takes either order without a copy.
  const auto rows = at_least_float32(features).flatten(2);
  const auto scale = 1.0 / static_cast<double>(rows.size(1) * rows.size(2));
  return at::bmm(rows, rows.transpose(1, 2)) * scale;
}

at::Tensor mean_squared_difference(const at::Tensor& a, const at::Tensor& b) {
  return at::mse_loss(at_least_float32(a), at_least_float32(b).detach());
}

at::Tensor total_variation(const at::Tensor& image, TvKind kind) {
  const auto x = at_least_float32(image);
  auto sum = at::zeros({}, x.options());
  for (const std::int64_t dim : {2, 3}) {
    const auto length = x.size(dim) - 1;
    if (length == 0) continue;
    const auto difference = x.narrow(dim, 1, length) - x.narrow(dim, 0, length);
    sum = sum + (kind == TvKind::kAbsolute ? difference.abs() : difference.square()).mean();
  }
  return sum;
}

}  // namespace impasto
