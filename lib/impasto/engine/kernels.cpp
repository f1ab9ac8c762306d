#include "impasto/engine/kernels.h"

#include "impasto/engine/kernel_tables.h"

namespace impasto::engine {

const Kernels& kernels_for([[maybe_unused]] Isa isa, bool bfloat16) {
#if defined(IMPASTO_ENGINE_X86)
#if defined(IMPASTO_ENGINE_AMX)
  if (isa == Isa::kAmx && bfloat16) return amx_kernels();
#endif
  if (isa >= Isa::kAvx512) return avx512_kernels(bfloat16);
  if (isa == Isa::kAvx2) return avx2_kernels(bfloat16);
#endif
  return portable_kernels(bfloat16);
}

}  // namespace impasto::engine
