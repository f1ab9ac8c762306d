#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace impasto {

/// Of each channel of each group: float32 [groups,C].
struct ChannelStatistics {
  at::Tensor mean;
  at::Tensor variance;  ///< Mean squared deviation from the mean.
};

/// Statistics over N/groups pictures, H and W of `x` [N,C,H,W], channels last in memory: one group
/// a picture, or one of all. Each column of pixels is summed up in float32 and columns are merged
/// in float64: a single float32 sum over all pixels, which is what libtorch takes of this layout,
/// is off by percents in a large flat picture.
ChannelStatistics channel_statistics(const at::Tensor& x, std::int64_t groups);

/// (x - mean) / sqrt(variance + epsilon) * scale + shift, in the type and layout of `x`; `scale`
/// and `shift` are [groups,C]. Gradients are those of `statistics` computed from `x`, as
/// `channel_statistics` does.
at::Tensor normalize(const at::Tensor& x,
                     const ChannelStatistics& statistics,
                     const at::Tensor& scale,
                     const at::Tensor& shift,
                     double epsilon);

}  // namespace impasto
