#include <ATen/ATen.h>

#include "impasto/nn/group_norm.h"

namespace impasto {
namespace {

/// `x` as [groups,pixels,C]: a view of what is channels last.
at::Tensor pixels_of(const at::Tensor& x, std::int64_t groups) {
  return x.permute({0, 2, 3, 1}).view({groups, -1, x.size(1)});
}

/// offset + x * factor, with those of each group's channels: computed in float32 and rounded once.
at::Tensor affine(const at::Tensor& x, const at::Tensor& factor, const at::Tensor& offset) {
  const std::int64_t groups = factor.size(0);
  at::Tensor result = at::empty_like(x);
  at::Tensor pixels = pixels_of(result, groups);
  at::addcmul_out(pixels, offset, pixels_of(x, groups), factor.unsqueeze(1));
  return result;
}

// float32 sums here are trees of a few thousand leaves, not one number that takes up all the
// others.
ChannelStatistics statistics_of(const at::Tensor& x, std::int64_t groups) {
  const auto [variance, mean] = at::var_mean(
      pixels_of(x, groups).to(at::kFloat), at::OptionalIntArrayRef({1}), /*correction=*/0);
  return {mean, variance};
}

at::Tensor normalized(const at::Tensor& x,
                      const ChannelStatistics& statistics,
                      const at::Tensor& scale,
                      const at::Tensor& shift,
                      double epsilon) {
  const at::Tensor factor = scale * (statistics.variance + epsilon).rsqrt();
  const at::Tensor offset = at::addcmul(shift, statistics.mean, factor, /*value=*/-1);
  return affine(x, factor, offset.unsqueeze(1));
}

// With z = (x - mean) / deviation over n pixels: dscale = sum(dy z), dshift = sum(dy) and
// dx = scale / deviation * (dy - dshift / n - z dscale / n).
NormGradients gradients(const at::Tensor& dy,
                        const at::Tensor& x,
                        const at::Tensor& mean,
                        const at::Tensor& inverse,
                        const at::Tensor& scale) {
  const at::Tensor slopes = pixels_of(dy, mean.size(0));
  const at::Tensor centred = pixels_of(x, mean.size(0)) - mean.unsqueeze(1);
  const at::Tensor dscale = (centred * slopes).sum(1) * inverse;
  const at::Tensor dshift = slopes.sum(1, /*keepdim=*/false, at::kFloat);
  const at::Tensor factor = scale * inverse;
  const at::Tensor share = factor / -static_cast<double>(centred.size(1));
  const at::Tensor rest =
      at::addcmul((share * dshift).unsqueeze(1), centred, (share * inverse * dscale).unsqueeze(1));
  return {affine(dy, factor, rest), dscale, dshift};
}

}  // namespace

const GroupNorm kGroupsAtOnce = {
    .channel_statistics = statistics_of, .normalized = normalized, .gradients = gradients};

}  // namespace impasto
