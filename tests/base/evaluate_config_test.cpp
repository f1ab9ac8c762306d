#include "impasto/base/evaluate_config.h"

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

TEST_CASE("The printed evaluation config reads back as the same") {
  const EvaluateConfig config{.model = "/m.safetensors",
                              .photos = "/photos",
                              .style = "/wave.jpg",
                              .style_name = "night",
                              .image_size = 64,
                              .style_size = 100,
                              .loss = {.network = "/vgg.safetensors", .tv_weight = 0.25},
                              .lbfgs = "1,2",
                              .lbfgs_long = 9,
                              .long_photos = 2,
                              .cache = "/cache",
                              .device = "cpu",
                              .threads = 2};
  const TemporaryFolder folder;
  CHECK(load_evaluate_config(write_test_file(folder / "e.json", to_json(config))) == config);
}

TEST_CASE("The numbers of evaluations are read from their list") {
  CHECK(EvaluateConfig().lbfgs_evaluations() == std::vector<std::int64_t>{25, 50, 100});
  CHECK(EvaluateConfig{.lbfgs = "7"}.lbfgs_evaluations() == std::vector<std::int64_t>{7});
  CHECK(EvaluateConfig{.lbfgs = "none"}.lbfgs_evaluations().empty());
  for (const char* wrong : {"", "0,5", "5,", "5 10", "-3", "1234567"}) {
    CHECK_THAT(message_of<ConfigError>([&] { EvaluateConfig{.lbfgs = wrong}.validate(); }),
               ContainsSubstring("lbfgs: expected numbers of loss evaluations such as '25,50,100', "
                                 "or 'none', found '" +
                                 std::string(wrong) + "'"));
  }
  CHECK(message_of<ConfigError>([] { EvaluateConfig{.lbfgs = "5,5"}.validate(); }) ==
        "lbfgs: expected rising numbers, found '5,5'");
  CHECK(message_of<ConfigError>([] { EvaluateConfig{.lbfgs_long = 100}.validate(); }) ==
        "lbfgs_long: expected more than the 100 of lbfgs, or 0, found 100");
}

TEST_CASE("Losses and sizes come from a training config, the loss network's file does not") {
  TrainConfig training;
  training.style.images = {"wave.jpg"};
  training.style.image_size = 320;
  training.data.image_size = 160;
  training.loss.network = "other.safetensors";
  training.loss.content = {{"relu3_3", 2.0}};
  training.loss.normalise_features = false;
  EvaluateConfig config;
  take_training_settings(config, to_json(training), "m.safetensors");
  CHECK(config.image_size == 160);
  CHECK(config.style_size == 320);
  CHECK(config.loss.content == training.loss.content);
  CHECK_FALSE(config.loss.normalise_features);
  CHECK(config.loss.network == LossConfig().network);
  const EvaluateConfig changed = default_evaluate_config({"image_size=200"}, config);
  CHECK(changed.image_size == 200);
  CHECK(changed.style_size == 320);
}

TEST_CASE("Keys of training that do not bear on the scores are passed over") {
  EvaluateConfig config;
  take_training_settings(
      config, R"({"data": {"from_another_time": 1}, "loss": {"tv_weight": 3}})", "m.safetensors");
  CHECK(config.loss.tv_weight == 3);
  CHECK(config.image_size == EvaluateConfig().image_size);
  CHECK_THAT(message_of<ConfigError>([&] {
               take_training_settings(config, R"({"loss": {"tv_weight": "a"}})", "m.safetensors");
             }),
             ContainsSubstring("m.safetensors: loss: tv_weight: expected a number"));
  CHECK_THROWS_AS(take_training_settings(config, "{", "m.safetensors"), FormatError);
}

}  // namespace
}  // namespace impasto
