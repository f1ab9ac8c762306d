#pragma once

// Private: not installed.

#include "impasto/engine/kernels.h"

namespace impasto::engine {

// One a kernel file; the processor must have what the name says.
const Kernels& portable_kernels(bool bfloat16);
const Kernels& avx2_kernels(bool bfloat16);
const Kernels& avx512_kernels(bool bfloat16);
const Kernels& amx_kernels();

}  // namespace impasto::engine
