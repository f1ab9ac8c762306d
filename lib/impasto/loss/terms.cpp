#include "impasto/loss/terms.h"

#include <ATen/ATen.h>
#include <c10/core/DispatchKeySet.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace impasto {
namespace {

// An autocast around the loss would take matrix products back to bfloat16 even for float32 input.
using NoAutocast = c10::impl::ExcludeDispatchKeyGuard;

at::Tensor at_least_float32(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

}  // namespace

at::Tensor gram_matrix(const at::Tensor& features) {
  const NoAutocast guard(c10::autocast_dispatch_keyset);
  // A view also of channels-last features: the matrix product takes either order without a copy.
  const auto rows = at_least_float32(features).flatten(2);
  const auto scale = 1.0 / static_cast<double>(rows.size(1) * rows.size(2));
  return at::bmm(rows, rows.transpose(1, 2)) * scale;
}

at::Tensor mean_squared_difference(const at::Tensor& a, const at::Tensor& b) {
  const NoAutocast guard(c10::autocast_dispatch_keyset);
  return at::mse_loss(at_least_float32(a), at_least_float32(b).detach());
}

at::Tensor total_variation(const at::Tensor& image, TvKind kind) {
  const NoAutocast guard(c10::autocast_dispatch_keyset);
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
