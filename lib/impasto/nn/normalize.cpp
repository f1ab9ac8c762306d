#include "impasto/nn/normalize.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <tuple>

#include "impasto/nn/group_norm.h"

namespace impasto {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

const GroupNorm& kernels_for(const at::Tensor& x) {
  return x.is_cpu() ? kGroupByGroup : kGroupsAtOnce;
}

class Normalize : public torch::autograd::Function<Normalize> {
 public:
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x,
                            const at::Tensor& mean,
                            const at::Tensor& variance,
                            const at::Tensor& scale,
                            const at::Tensor& shift,
                            double epsilon) {
    context->save_for_backward({x, mean, (variance + epsilon).rsqrt(), scale});
    return kernels_for(x).normalized(x, {mean, variance}, scale, shift, epsilon);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const auto& [x, mean, inverse, scale] = std::tie(saved[0], saved[1], saved[2], saved[3]);
    const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const auto [dx, dscale, dshift] = kernels_for(x).gradients(dy, x, mean, inverse, scale);
    // In the order of forward's arguments.
    return {dx, {}, {}, dscale, dshift, {}};
  }
};

}  // namespace

ChannelStatistics channel_statistics(const at::Tensor& x, std::int64_t groups) {
  const torch::NoGradGuard no_grad;
  return kernels_for(x).channel_statistics(x, groups);
}

at::Tensor normalize(const at::Tensor& x,
                     const ChannelStatistics& statistics,
                     const at::Tensor& scale,
                     const at::Tensor& shift,
                     double epsilon) {
  return Normalize::apply(x, statistics.mean, statistics.variance, scale, shift, epsilon);
}

}  // namespace impasto
