// The reader of torch.save's files, zip and older, and what is made of them: any bytes are tensors
// or an error in words, and what is imported is a valid style model. Input that begins with neither
// form's mark is taken as a pickle, in the older form.

#include <string>
#include <vector>

#include "fuzz/target.h"
#include "impasto/base/error.h"
#include "impasto/interop/import_model.h"
#include "impasto/interop/torch_checkpoint.h"
#include "impasto/style/style_model.h"

using namespace impasto;

namespace {

/// Magic number and version, and a dict for the system.
constexpr char kStart[] =
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.}.";

}  // namespace

void fuzz_one(std::span<const std::byte> bytes) {
  std::vector<std::byte> whole;
  if (!is_torch_checkpoint(bytes)) {
    const auto start = std::as_bytes(std::span(kStart, sizeof kStart - 1));
    whole.assign(start.begin(), start.end());
    whole.insert(whole.end(), bytes.begin(), bytes.end());
    bytes = whole;
  }
  try {
    const TensorFile file = parse_torch_checkpoint(bytes, "fuzz");
    std::size_t size = 0;
    for (const auto& [name, tensor] : file.tensors) size += tensor.data.size();
    require(size <= bytes.size(), "more tensors than bytes");
    if (is_vgg(file)) {
      import_vgg(file, "fuzz");
    } else {
      import_style(file, "fuzz").model.validate("imported");
    }
  } catch (const FormatError&) {
  }
}
