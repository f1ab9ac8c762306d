// Style models as TorchScript, as far as it shows without libtorch: that Python's and libtorch's
// readers run them is checked by check_exports.py and by the torch half's tests.

#include "engine/random_model.h"
#include "impasto/base/error.h"
#include "impasto/interop/export_model.h"
#include "impasto/interop/torch_checkpoint.h"
#include "impasto/interop/torchscript_writer.h"
#include "support/catch.h"
#include "support/message_of.h"

namespace impasto {
namespace {

TEST_CASE("A TorchScript file is a program for readers of checkpoints, and the same every time") {
  const StyleModel model = random_model(small_config(), 1);
  const std::vector<std::byte> bytes = to_torchscript(model);
  CHECK(bytes == to_torchscript(model));
  CHECK_THAT(message_of<FormatError>([&] { parse_torch_checkpoint(bytes, "x"); }),
             ContainsSubstring("found a TorchScript program, whose code is not run here"));
}

TEST_CASE("A TorchScript file holds the weights, in half precision half of them") {
  const StyleModel model = random_model({.base_channels = 8}, 1);
  std::size_t numbers = 0;
  for (const auto& [name, tensor] : model.tensors) {
    numbers += static_cast<std::size_t>(tensor.numel());
  }
  constexpr std::size_t kAround = 40'000;  // program, pickle and the zip directory
  CHECK(to_torchscript(model).size() > 4 * numbers);
  CHECK(to_torchscript(model).size() < 4 * numbers + kAround);
  CHECK(to_torchscript(model, true).size() < 2 * numbers + kAround);
}

TEST_CASE("Only a model of several styles takes their weights") {
  const StyleModel model =
      random_model({.base_channels = 2, .norm = Norm::kConditionalInstance, .styles = 3}, 1);
  const auto holds = [](const std::vector<std::byte>& bytes, std::string_view text) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(text) !=
           std::string_view::npos;
  };
  CHECK(holds(to_torchscript(model), "    style_weights: Tensor) -> Tensor:\n"));
  CHECK_FALSE(holds(to_torchscript(with_one_style(model, 0)), "style_weights"));
}

}  // namespace
}  // namespace impasto
