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
/// a picture, or one of all. Exact in large flat pictures, where a single float32 sum over all
/// pixels, which is what libtorch's batch norm takes of this layout on a CPU, is off by percents.
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
