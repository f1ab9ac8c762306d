#pragma once

// Private: not installed.

#include "impasto/engine/kernel_tables.h"
#include "impasto/engine/multiply_kernel.h"
#include "impasto/engine/pixel_kernels.h"
#include "impasto/engine/winograd_kernel.h"

namespace impasto::engine {
namespace {

/// The table of a file whose products are float32 and whose pictures are kept as `Storage`.
template <typename Storage>
constexpr Kernels vector_kernels(const char* name) {
  return {.name = name,
          .storage_size = sizeof(Storage),
          .compute_size = sizeof(float),
          .panel = kPanel,
          .depth_block = 1,
          .packed_size = packed_size,
          .pack = pack,
          .multiply = multiply,
          .load = load_any<Storage, float>,
          .store = store_pixels<Storage>,
          .winograd_input = winograd_input,
          .winograd_output = winograd_output<Storage>,
          .depthwise = filter_depthwise<float>,
          .blend = blend<float>,
          .gather = gather,
          .squash = squash,
          .to_bytes = to_bytes,
          .enter = [] {},
          .leave = [] {}};
}

}  // namespace
}  // namespace impasto::engine
