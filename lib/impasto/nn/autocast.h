#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace impasto {

/// Runs matrix products and convolutions on `device` in `dtype` while it lives (float32: does nothing).
class Autocast {
 public:
  Autocast(const c10::Device& device, c10::ScalarType dtype);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool previous_enabled_ = false;
  c10::ScalarType previous_dtype_;
  bool active_ = false;
};

}  // namespace impasto
