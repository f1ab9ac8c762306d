#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "impasto/base/image.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// A random square crop at a random scale, perhaps mirrored: [3,S,S] uint8 RGB, S =
/// data.image_size. A function of (data.seed, `sample`) and the pixels alone. `photo`'s short side
/// is at least S.
///
/// The crop's side is uniform between max(S, data.min_scale * short side) and the short side, its
/// place uniform over the photo; it is scaled to S with an antialiased bilinear filter. A crop of
/// side S is not filtered at all. Alpha is ignored.
at::Tensor augment(const Image& photo, const DataConfig& data, std::uint64_t sample);

}  // namespace impasto
