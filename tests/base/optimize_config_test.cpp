#include "impasto/base/optimize_config.h"

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

TEST_CASE("The printed optimizing config reads back as the same") {
  const OptimizeConfig config{.style = "/wave.jpg",
                              .style_size = 300,
                              .max_side = 0,
                              .init = DescentStart::kNoise,
                              .optimizer = DescentMethod::kAdam,
                              .iterations = 20,
                              .levels = 3,
                              .history = 10,
                              .learning_rate = 0.5,
                              .seed = 7,
                              .loss = {.network = "/vgg.safetensors", .tv_weight = 0.25},
                              .device = "cpu",
                              .threads = 2};
  const TemporaryFolder folder;
  CHECK(load_optimize_config(write_test_file(folder / "o.json", to_json(config))) == config);
}

TEST_CASE("Overrides of an optimizing config stand over its file") {
  const TemporaryFolder folder;
  const auto file = write_test_file(
      folder / "o.json", R"({"style": "wave.jpg", "levels": 2, "loss": {"tv_weight": 0}})");
  const OptimizeConfig config = load_optimize_config(file, {"levels=3"});
  CHECK(config.style == folder / "wave.jpg");
  CHECK(config.levels == 3);
  CHECK(config.loss.tv_weight == 0);
  CHECK(config.loss.style_weight == OptimizeConfig().loss.style_weight);
  CHECK(default_optimize_config({"iterations=5"}).iterations == 5);
}

TEST_CASE("An optimizing config is read strictly") {
  const auto error = [](const std::string& text) {
    return message_of<ConfigError>([&] { default_optimize_config({text}).validate(); });
  };
  CHECK(error("iterations=2.5") ==
        "--set iterations=2.5: iterations: expected an integer from 1 to 1000000, found 2.5");
  CHECK(error("optimizer=bfgs") ==
        "--set optimizer=bfgs: optimizer: expected one of 'lbfgs', 'adam', found 'bfgs', did you "
        "mean 'lbfgs'?");
  CHECK(
      error("loss.style_strength=auto") ==
      "loss.style_strength: expected 'fixed', found 'auto': training alone chooses a style weight, "
      "which is then in its model's config");
  CHECK(error("loss.style={}") ==
        "loss.style: expected a layer with a weight above 0, found none; set loss.style_weight to "
        "0 to train without");
  CHECK(message_of<ConfigError>([] { OptimizeConfig{.history = 0}.validate(); }) ==
        "history: expected an integer from 1 to 1000, found 0");
}

}  // namespace
}  // namespace impasto
