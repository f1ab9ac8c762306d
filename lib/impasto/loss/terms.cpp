#include "impasto/loss/terms.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "impasto/nn/autocast.h"

namespace impasto {
namespace {

at::Tensor at_least_float32(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

// Features [N,C,H,W] as matrices [N,C,HW] to multiply, a view of either memory format: the product
// takes both without a copy. A GPU's tensor cores multiply narrow numbers; others are widened.
at::Tensor matrices_of(const at::Tensor& features) {
  const bool narrow = features.scalar_type() == at::kBFloat16;
  return (narrow && features.is_cuda() ? features : at_least_float32(features)).flatten(2);
}

// With float32 sums, whatever the type of the factors.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == at::kBFloat16 ? at::bmm(a, b, at::kFloat) : at::bmm(a, b);
}

// What an autograd of the parts would do in several passes over the features, and in another memory
// format than theirs, which makes every later sum of gradients slow.
class GramMatrix : public torch::autograd::Function<GramMatrix> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& features) {
    context->save_for_backward({features});
    // An autocast around the loss would take the matrix product back to bfloat16.
    const Autocast in_full(features.device(), at::kFloat);
    const auto rows = matrices_of(features);
    return product(rows, rows.transpose(1, 2)) * scale_of(features);
  }

  // For G = F F^T / (C H W): dL/dF = (dL/dG + dL/dG^T) F / (C H W).
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto features = context->get_saved_variables()[0];
    const Autocast in_full(features.device(), at::kFloat);
    const auto rows = matrices_of(features);
    const auto symmetric =
        ((gradients[0] + gradients[0].transpose(1, 2)) * scale_of(features)).to(rows.scalar_type());
    const auto gradient =
        features.is_contiguous()
            ? product(symmetric, rows).view_as(features)
            : product(rows.transpose(1, 2), symmetric)
                  .view({features.size(0), features.size(2), features.size(3), features.size(1)})
                  .permute({0, 3, 1, 2});
    return {gradient.to(features.scalar_type())};
  }

 private:
  static double scale_of(const at::Tensor& features) {
    return 1.0 / static_cast<double>(features.size(1) * features.size(2) * features.size(3));
  }
};

class MeanSquaredDifference : public torch::autograd::Function<MeanSquaredDifference> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& a,
                            const at::Tensor& b) {
    const auto difference = at_least_float32(a) - at_least_float32(b);
    context->save_for_backward({difference});
    context->saved_data["type"] = a.scalar_type();
    return difference.square().mean();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto difference = context->get_saved_variables()[0];
    const auto type = context->saved_data["type"].toScalarType();
    const auto factor = gradients[0] * (2.0 / static_cast<double>(difference.numel()));
    return {(difference * factor).to(type), at::Tensor()};
  }
};

}  // namespace

at::Tensor gram_matrix(const at::Tensor& features) { return GramMatrix::apply(features); }

at::Tensor mean_squared_difference(const at::Tensor& a, const at::Tensor& b) {
  return MeanSquaredDifference::apply(a, b);
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
