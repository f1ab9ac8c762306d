#include "impasto/engine/vector_kernels.h"

namespace impasto::engine {

const Kernels& portable_kernels(bool bfloat16) {
  static constexpr Kernels kFloat32 = vector_kernels<float>("portable");
  static constexpr Kernels kBFloat16 = vector_kernels<BFloat16>("portable");
  return bfloat16 ? kBFloat16 : kFloat32;
}

}  // namespace impasto::engine
