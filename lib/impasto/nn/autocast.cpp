#include "impasto/nn/autocast.h"

#include <ATen/autocast_mode.h>

namespace impasto {

Autocast::Autocast(const c10::Device& device, c10::ScalarType dtype)
    : device_(device.type()),
      previous_enabled_(at::autocast::is_autocast_enabled(device_)),
      previous_dtype_(at::autocast::get_autocast_dtype(device_)) {
  const bool enabled = dtype != c10::kFloat;
  at::autocast::increment_nesting();
  at::autocast::set_autocast_enabled(device_, enabled);
  if (enabled) at::autocast::set_autocast_dtype(device_, dtype);
}

Autocast::~Autocast() {
  at::autocast::set_autocast_enabled(device_, previous_enabled_);
  at::autocast::set_autocast_dtype(device_, previous_dtype_);
  // The outermost one drops the weights' rounded copies: the next step has other weights.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}

}  // namespace impasto
