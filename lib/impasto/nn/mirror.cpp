#include "impasto/nn/mirror.h"

#include <ATen/ATen.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace impasto {

at::Tensor mirrored(const at::Tensor& x, std::int64_t pad) {
  // Autocast would widen to float32 for what is only a copy.
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  return at::reflection_pad2d(x, {pad, pad, pad, pad});
}

}  // namespace impasto
