#pragma once

// Private: not installed. What a run is made of before its first step.

#include <ATen/core/Tensor.h>

#include <vector>

#include "impasto/base/image.h"
#include "impasto/base/train_config.h"
#include "impasto/nn/generator.h"
#include "impasto/nn/loss_network.h"
#include "impasto/train/named_tensors.h"

namespace impasto {

/// Sets the number of compute threads, too.
c10::Device prepare_device(const RunConfig& run);

/// Weights from data.seed, through libtorch's global random numbers.
Generator seeded_generator(const TrainConfig& config, const c10::Device& device);

/// A second generator with the same weights.
Generator copy_of(const Generator& generator, const c10::Device& device);

/// On the device, in the memory layout that is fastest there.
LossNetwork prepared(LossNetwork network, const c10::Device& device);

/// Those that training changes; the others are frozen. Of a model to which styles are added these
/// are the rows of scale and shift alone, among which the other styles' rows get gradients of zero,
/// by which Adam leaves them as they are.
NamedTensors trained_parameters(const Generator& generator, bool rows_only);

/// Each [1,3,h,w] with a short side of style.image_size. Throws ConfigError unless there is one for
/// each of style.images.
std::vector<at::Tensor> scaled_paintings(const std::vector<Image>& paintings,
                                         const TrainConfig& config,
                                         const c10::Device& device);

}  // namespace impasto
