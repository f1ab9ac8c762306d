#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>

#include "impasto/base/train_config.h"

namespace impasto {

/// `auto` is the first CUDA device where there is one, else CPU; `cuda` is `cuda:0`. Loads
/// libtorch's CUDA library when a CUDA device may be used: libtorch looks for CUDA once, at its
/// first use, so a process that wants CUDA calls this before it does anything else with libtorch,
/// seeding included.
///
/// Throws ConfigError for a name that is none of `auto`, `cpu`, `cuda`, `cuda:N`, and IoError that
/// says why when CUDA is asked for and cannot be used.
c10::Device resolve_device(const std::string& name);

/// What a precision is chosen for: training takes none that would need loss scaling.
enum class Purpose { kTraining, kInference };

/// The type that convolutions run in. `auto` on CPU is bfloat16 where the processor multiplies
/// bfloat16 numbers (AMX, AVX-512 BF16), else float32; on CUDA it is float16 for inference, and for
/// training bfloat16 where the GPU has it (compute capability 8.0), else float32. Throws
/// ConfigError for float16 on CPU and in training (which would need loss scaling), and for bfloat16
/// on a GPU without it. On a CPU bfloat16 always works, though perhaps slowly.
c10::ScalarType resolve_precision(Precision precision, const c10::Device& device, Purpose purpose);

/// "float32", "bfloat16" or "float16".
std::string precision_name(c10::ScalarType precision);

/// "AVX2", "AVX512", "AVX512+BF16", "AVX512+AMX" and so on: what libtorch's CPU kernels here are
/// chosen by.
std::string instruction_set();

/// "1 thread", "2 threads": libtorch's compute threads in this process.
std::string compute_threads_text();

/// Compute threads of libtorch in this process; 0: libtorch's own choice, one a core unless
/// OMP_NUM_THREADS says otherwise. Throws ConfigError below 0.
void set_compute_threads(int threads);

}  // namespace impasto
