#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "impasto/base/image.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// A random square crop at a random scale, perhaps mirrored: [3,S,S] uint8 with S = data.image_size. A function of
/// (data.seed, `sample`) alone. `photo`'s short side is at least S.
at::Tensor augment(const Image& photo, const DataConfig& data, std::uint64_t sample);

}  // namespace impasto
