// The model loader: any bytes are a valid style model or a FormatError.

#include <utility>

#include "fuzz/target.h"
#include "impasto/base/error.h"
#include "impasto/style/style_model.h"

using namespace impasto;

void fuzz_one(std::span<const std::byte> bytes) {
  StyleModel model;
  try {
    model = StyleModel::from_tensor_file(parse_safetensors(bytes, "fuzz"), "fuzz");
  } catch (const FormatError&) {
    return;
  }
  model.validate("loaded");
  const StyleModel again = StyleModel::from_tensor_file(model.to_tensor_file(), "again");
  require(again.generator == model.generator && again.styles == model.styles, "the model changed");
}
