#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>

#include "impasto/base/train_config.h"

namespace impasto {

/// `auto` is CUDA where a device is there, else CPU. Loads libtorch_cuda where it is installed. Throws ConfigError for a
/// name that is none of `auto`, `cpu`, `cuda`, `cuda:N`, and IoError when CUDA is asked for and absent, saying why.
c10::Device resolve_device(const std::string& name);

/// The type that `precision` means on `device`: `auto` is bfloat16 on a processor with AMX, float16 on CUDA
/// for inference and bfloat16 for training, else float32. Throws ConfigError where the device cannot do it.
enum class Purpose { kTraining, kInference };
c10::ScalarType resolve_precision(Precision precision, const c10::Device& device, Purpose purpose);

/// Compute threads for this process; 0: one a core.
void set_compute_threads(int threads);

}  // namespace impasto
