// libFuzzer's entry to a target.

#include <cstdint>

#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz_one(std::as_bytes(std::span(data, size)));
  return 0;
}
