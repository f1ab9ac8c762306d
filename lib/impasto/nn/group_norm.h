#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "impasto/nn/normalize.h"

namespace impasto {

/// Gradients of what `normalized` takes.
struct NormGradients {
  at::Tensor x;      ///< As `x`.
  at::Tensor scale;  ///< [groups,C], as the next.
  at::Tensor shift;
};

/// What normalize.h is made of, without autograd: of `x` [N,C,H,W], channels last in memory, in
/// groups of N/groups pictures, with float32 [groups,C] of everything else.
struct GroupNorm {
  ChannelStatistics (*channel_statistics)(const at::Tensor& x, std::int64_t groups);
  at::Tensor (*normalized)(const at::Tensor& x,
                           const ChannelStatistics& statistics,
                           const at::Tensor& scale,
                           const at::Tensor& shift,
                           double epsilon);
  NormGradients (*gradients)(const at::Tensor& dy,
                             const at::Tensor& x,
                             const at::Tensor& mean,
                             const at::Tensor& inverse,
                             const at::Tensor& scale);
};

/// By libtorch's batch norm, one group after the other: for CPUs.
extern const GroupNorm kGroupByGroup;

/// All groups at once, in some ten operations whatever their number: for GPUs, which a launch for
/// each of many small ones leaves idle. Computes the same.
extern const GroupNorm kGroupsAtOnce;

}  // namespace impasto
