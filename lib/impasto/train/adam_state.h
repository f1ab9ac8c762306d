#pragma once

// Private: not installed.

#include <torch/optim/adam.h>

#include <map>
#include <string>

#include "impasto/base/host_tensor.h"
#include "impasto/train/named_tensors.h"

namespace impasto {

/// Adam's state for a checkpoint: `adam.mean.NAME`, `adam.square.NAME` (the moments m and v of
/// Kingma, Ba 2015, algorithm 1) and `adam.steps`; nothing before the first step. `parameters` are
/// those that the optimizer was made with.
std::map<std::string, HostTensor> adam_state(torch::optim::Adam& optimizer,
                                             const NamedTensors& parameters);

/// The reverse, from among other tensors. Throws FormatError that names the tensor which is missing
/// or has another shape.
void restore_adam_state(torch::optim::Adam& optimizer,
                        const NamedTensors& parameters,
                        const std::map<std::string, HostTensor>& tensors);

}  // namespace impasto
