#include "impasto/engine/vector_kernels.h"

namespace impasto::engine {

const Kernels& avx2_kernels(bool bfloat16) {
  static constexpr Kernels kFloat32 = vector_kernels<float>("avx2");
  static constexpr Kernels kBFloat16 = vector_kernels<BFloat16>("avx2");
  return bfloat16 ? kBFloat16 : kFloat32;
}

}  // namespace impasto::engine
