// libtorch runs the TorchScript that convert writes, and makes the engine's pictures.

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <cmath>

#include "engine/random_model.h"
#include "impasto/engine/engine.h"
#include "support/catch.h"
#include "support/program.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

/// On the scale of 0 to 255, in relation to the picture's range where that is larger.
float largest_difference(const at::Tensor& found, const std::vector<float>& expected) {
  const auto wanted = at::from_blob(const_cast<float*>(expected.data()), found.sizes(), at::kFloat);
  const float range = std::max(255.0f, wanted.abs().max().item<float>());
  return (found - wanted).abs().max().item<float>() * 255 / range;
}

}  // namespace

TEST_CASE("libtorch makes the engine's picture of every variant's TorchScript") {
  at::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  const TemporaryFolder folder;
  for (const NamedConfig& variant : variants()) {
    INFO(variant.name);
    const StyleModel model = random_model(variant.config, 5);
    model.save(folder / "model.safetensors");
    REQUIRE(run_program(IMPASTO_CONVERT, {"export", "model.safetensors", "model.pt"}, folder.path())
                .exit_code == 0);
    torch::jit::Module module = torch::jit::load((folder / "model.pt").string());

    constexpr int kWidth = 37, kHeight = 22;
    std::vector<float> planes = random_planes(kWidth, kHeight, 9);
    std::vector<float> styles;
    std::vector<torch::jit::IValue> inputs;
    inputs.reserve(2);
    inputs.emplace_back(at::from_blob(planes.data(), {1, 3, kHeight, kWidth}, at::kFloat));
    if (model.generator.norm == Norm::kConditionalInstance) {
      styles.assign(static_cast<std::size_t>(model.generator.styles), 0.4f);
      inputs.emplace_back(
          at::from_blob(styles.data(), {1, static_cast<std::int64_t>(styles.size())}, at::kFloat));
    }
    std::vector<float> expected(planes.size());
    const Engine engine(model, {.threads = 1, .precision = Precision::kFloat32, .winograd = false});
    engine.run(planes, kWidth, kHeight, expected, styles);
    const at::Tensor found = module.forward(inputs).toTensor();
    REQUIRE(found.sizes() == at::IntArrayRef({1, 3, kHeight, kWidth}));
    CHECK(largest_difference(found, expected) < 1e-3f);
  }
}
