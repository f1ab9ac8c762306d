// Fields that the configs of several programs have.

#include "impasto/base/config_fields.h"

namespace impasto {

Field device_field(std::string& device) {
  return {.name = "device",
          .target = &device,
          .text = "Where to compute; auto is CUDA where there is a device, else the CPU.",
          .form = {.pattern = "auto|cpu|cuda|cuda:[0-9]{1,3}",
                   .words = "'auto', 'cpu', 'cuda' or 'cuda:N'"}};
}

Field precision_field(Precision& precision) {
  return {.name = "precision",
          .target = choice(precision, {"auto", "float32", "bfloat16", "float16"}),
          .text = "Number format of convolutions; auto is the fastest that is safe on the device."};
}

Field threads_field(int& threads) {
  return {.name = "threads",
          .target = &threads,
          .text = "Compute threads; 0: one a core.",
          .bounds = {.min = 0, .max = 1024}};
}

}  // namespace impasto
