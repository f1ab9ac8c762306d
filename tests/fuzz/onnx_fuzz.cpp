// The reader of ONNX models: any bytes are a valid style model or an error in words.

#include "fuzz/target.h"
#include "impasto/base/error.h"
#include "impasto/interop/onnx_reader.h"
#include "impasto/style/style_model.h"

using namespace impasto;

void fuzz_one(std::span<const std::byte> bytes) {
  try {
    parse_onnx_style(bytes, "fuzz").model.validate("imported");
  } catch (const FormatError&) {
  }
}
