#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/ordered_dict.h>

#include <map>
#include <string>

#include "impasto/base/host_tensor.h"

namespace impasto {

using NamedTensors = torch::OrderedDict<std::string, at::Tensor>;

/// The tensor `name`. Throws FormatError when it is missing or has another shape.
at::Tensor named_tensor(const std::map<std::string, HostTensor>& tensors,
                        const std::string& name,
                        at::IntArrayRef shape);

/// Parameters and buffers of `module` as `prefix` and their names.
std::map<std::string, HostTensor> module_tensors(const torch::nn::Module& module,
                                                 const std::string& prefix);

/// The reverse, from among other tensors. Throws FormatError as above.
void restore_module(torch::nn::Module& module,
                    const std::string& prefix,
                    const std::map<std::string, HostTensor>& tensors);

}  // namespace impasto
