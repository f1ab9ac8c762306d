#include <ATen/ATen.h>

#include <vector>

#include "impasto/nn/group_norm.h"

namespace impasto {
namespace {

at::Tensor group_of(const at::Tensor& x, std::int64_t group, std::int64_t groups) {
  const std::int64_t pictures = x.size(0) / groups;
  return x.narrow(0, group * pictures, pictures);
}

// Each column of pixels is summed up in float32 and columns are merged in float64.
ChannelStatistics statistics_of(const at::Tensor& x, std::int64_t groups) {
  const std::int64_t channels = x.size(1);
  const std::int64_t rows = x.size(0) / groups * x.size(2);
  const std::int64_t width = x.size(3);
  std::vector<at::Tensor> means;
  std::vector<at::Tensor> variances;
  for (std::int64_t g = 0; g < groups; ++g) {
    // Memory runs by row, column, channel. Columns count as channels here, so that sums are over
    // rows alone.
    const at::Tensor columns = group_of(x, g, groups)
                                   .permute({0, 2, 3, 1})
                                   .reshape({1, rows, 1, width * channels})
                                   .permute({0, 3, 1, 2});
    // Their type is what asks for results in float32.
    const auto running = x.options().dtype(at::kFloat);
    const at::Tensor running_mean = at::zeros({width * channels}, running);
    const at::Tensor running_variance = at::zeros({width * channels}, running);
    const auto [mean, variance] =
        at::batch_norm_update_stats(columns, running_mean, running_variance, /*momentum=*/0);
    const at::Tensor column_means = mean.reshape({width, channels}).to(at::kDouble);
    const at::Tensor column_variances = variance.reshape({width, channels}).to(at::kDouble);
    const at::Tensor group_mean = column_means.mean(0);
    means.push_back(group_mean);
    variances.push_back((column_variances + (column_means - group_mean).square()).mean(0));
  }
  return {at::stack(means).to(at::kFloat), at::stack(variances).to(at::kFloat)};
}

// Batch norm for given statistics.
at::Tensor normalized(const at::Tensor& x,
                      const ChannelStatistics& statistics,
                      const at::Tensor& scale,
                      const at::Tensor& shift,
                      double epsilon) {
  at::Tensor y = at::empty_like(x);
  at::Tensor unused_mean = at::empty({0}, statistics.mean.options());
  at::Tensor unused_inverse = at::empty({0}, statistics.mean.options());
  const std::int64_t groups = statistics.mean.size(0);
  for (std::int64_t g = 0; g < groups; ++g) {
    at::Tensor part = group_of(y, g, groups);
    at::native_batch_norm_out(part,
                              unused_mean,
                              unused_inverse,
                              group_of(x, g, groups),
                              scale[g],
                              shift[g],
                              statistics.mean[g],
                              statistics.variance[g],
                              /*training=*/false,
                              /*momentum=*/0,
                              epsilon);
  }
  return y;
}

// Batch norm's backward pass for statistics of the batch.
NormGradients gradients(const at::Tensor& dy,
                        const at::Tensor& x,
                        const at::Tensor& mean,
                        const at::Tensor& inverse,
                        const at::Tensor& scale) {
  const std::int64_t groups = mean.size(0);
  std::vector<at::Tensor> dx;
  std::vector<at::Tensor> dscale;
  std::vector<at::Tensor> dshift;
  for (std::int64_t g = 0; g < groups; ++g) {
    auto [part, part_scale, part_shift] =
        at::native_batch_norm_backward(group_of(dy, g, groups),
                                       group_of(x, g, groups),
                                       scale[g],
                                       /*running_mean=*/{},
                                       /*running_var=*/{},
                                       mean[g],
                                       inverse[g],
                                       /*train=*/true,
                                       /*eps=*/0,  // It is in `inverse`.
                                       {true, true, true});
    dx.push_back(part);
    dscale.push_back(part_scale);
    dshift.push_back(part_shift);
  }
  return {at::cat(dx), at::stack(dscale), at::stack(dshift)};
}

}  // namespace

const GroupNorm kGroupByGroup = {
    .channel_statistics = statistics_of, .normalized = normalized, .gradients = gradients};

}  // namespace impasto
