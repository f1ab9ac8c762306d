// The safetensors reader: any bytes are a file or a FormatError, and a file reads back as written.

#include <span>

#include "fuzz/target.h"
#include "impasto/base/error.h"
#include "impasto/base/safetensors.h"

using namespace impasto;

void fuzz_one(std::span<const std::byte> bytes) {
  TensorFile file;
  try {
    file = parse_safetensors(bytes, "fuzz");
  } catch (const FormatError&) {
    return;
  }
  const TensorFile again = parse_safetensors(serialize_safetensors(file), "again");
  require(again.metadata == file.metadata, "metadata changed");
  require(again.tensors.size() == file.tensors.size(), "tensors changed");
  for (const auto& [name, tensor] : file.tensors) {
    const auto found = again.tensors.find(name);
    require(found != again.tensors.end() && found->second.data == tensor.data, "a tensor changed");
  }
}
