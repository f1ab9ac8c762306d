#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace impasto {

/// Runs matrix products and convolutions of this thread on `device` in `dtype` while it lives, and
/// restores what was set before; float32 switches an enclosing Autocast off. Objects nest, and are
/// destroyed in the reverse order of their construction.
class Autocast {
 public:
  /// `dtype` is what resolve_precision returns: float32, bfloat16 or float16.
  Autocast(const c10::Device& device, c10::ScalarType dtype);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool previous_enabled_;
  c10::ScalarType previous_dtype_;
};

}  // namespace impasto
