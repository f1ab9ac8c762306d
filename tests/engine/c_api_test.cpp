#include <cstring>
#include <memory>
#include <string>

#include "engine/random_model.h"
#include "impasto/base/safetensors.h"
#include "impasto/engine/engine.h"
#include "impasto/engine/impasto.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

struct Freed {
  void operator()(impasto_engine* engine) const { impasto_free(engine); }
};
using EnginePointer = std::unique_ptr<impasto_engine, Freed>;

}  // namespace

TEST_CASE("C: a model from a file and from memory give the C++ engine's picture") {
  GeneratorConfig config = small_config();
  config.norm = Norm::kConditionalInstance;
  config.styles = 2;
  const StyleModel model = random_model(config, 3);
  const TemporaryFolder folder;
  model.save(folder / "model.safetensors");
  const std::vector<std::byte> bytes = serialize_safetensors(model.to_tensor_file());
  const impasto_options options = {2, "float32", "auto"};
  const EnginePointer from_file(
      impasto_load_file((folder / "model.safetensors").c_str(), &options));
  const EnginePointer from_memory(impasto_load_memory(bytes.data(), bytes.size(), &options));
  REQUIRE(from_file);
  REQUIRE(from_memory);
  CHECK(impasto_style_count(from_file.get()) == 2);
  CHECK(std::string(impasto_style_name(from_file.get(), 1)) == "style 1");
  CHECK(impasto_style_name(from_file.get(), 2) == nullptr);

  const Image picture = random_picture(37, 29, 4);
  const float weights[] = {0.25f, 0.75f};
  const Engine engine(model, {.threads = 2, .precision = Precision::kFloat32});
  const Image wanted = engine.run(picture, weights);
  Image result(37, 29);
  for (impasto_engine* each : {from_file.get(), from_memory.get()}) {
    std::memset(result.row(0), 0, result.pixels().size());
    CHECK(impasto_plan(each, 37, 29) == IMPASTO_OK);
    CHECK(impasto_run(each, picture.row(0), 37, 29, 3, result.row(0), weights, nullptr, nullptr) ==
          IMPASTO_OK);
    CHECK(result == wanted);
  }
}

TEST_CASE("C: progress is reported and stops the run") {
  const StyleModel model = random_model(small_config(), 3);
  const std::vector<std::byte> bytes = serialize_safetensors(model.to_tensor_file());
  const EnginePointer engine(impasto_load_memory(bytes.data(), bytes.size(), nullptr));
  REQUIRE(engine);
  const Image picture = random_picture(16, 16, 5);
  Image result(16, 16);
  int calls = 0;
  const impasto_progress count_to_2 = [](double, void* user) {
    return ++*static_cast<int*>(user) < 2 ? 1 : 0;
  };
  CHECK(impasto_run(
            engine.get(), picture.row(0), 16, 16, 3, result.row(0), nullptr, count_to_2, &calls) ==
        IMPASTO_CANCELLED);
  CHECK(calls == 2);
  CHECK(std::string(impasto_last_error()) == "run: stopped by the progress function");
}

TEST_CASE("C: errors are statuses with a sentence, and nothing is thrown") {
  CHECK(impasto_load_file(nullptr, nullptr) == nullptr);
  CHECK(std::string(impasto_last_error()) == "path: expected a pointer, found NULL");
  CHECK(impasto_load_file("/nowhere/model.safetensors", nullptr) == nullptr);
  CHECK_THAT(impasto_last_error(), ContainsSubstring("/nowhere/model.safetensors"));
  CHECK(impasto_last_status() == IMPASTO_IO);
  CHECK(impasto_load_memory("{}", 2, nullptr) == nullptr);
  CHECK_THAT(impasto_last_error(), ContainsSubstring("memory"));
  CHECK(impasto_last_status() == IMPASTO_FORMAT);

  const StyleModel model = random_model(small_config(), 3);
  const std::vector<std::byte> bytes = serialize_safetensors(model.to_tensor_file());
  const impasto_options options = {1, "float128", nullptr};
  CHECK(impasto_load_memory(bytes.data(), bytes.size(), &options) == nullptr);
  CHECK(std::string(impasto_last_error()) ==
        "options.precision: expected auto, float32 or bfloat16, found 'float128'");

  const EnginePointer engine(impasto_load_memory(bytes.data(), bytes.size(), nullptr));
  REQUIRE(engine);
  CHECK(impasto_plan(engine.get(), 8, 16) == IMPASTO_INVALID);
  CHECK(std::string(impasto_last_error()) == "picture: expected sides of at least 16, found 8x16");
  CHECK(impasto_plan(nullptr, 16, 16) == IMPASTO_INVALID);
  std::uint8_t pixel[1];
  CHECK(impasto_run(engine.get(), pixel, -4, 16, 3, pixel, nullptr, nullptr, nullptr) ==
        IMPASTO_INVALID);
  CHECK(impasto_run(engine.get(), pixel, 16, 16, 2, pixel, nullptr, nullptr, nullptr) ==
        IMPASTO_INVALID);
  CHECK(impasto_style_count(nullptr) == 0);
  impasto_free(nullptr);
}

TEST_CASE("C: the version is three numbers") {
  CHECK_THAT(impasto_version(), Catch::Matchers::Matches("[0-9]+\\.[0-9]+\\.[0-9]+"));
}
