#include "impasto/train/evaluation.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/nn/style_model_io.h"
#include "impasto/nn/tensors.h"
#include "impasto/train/evaluation_report.h"
#include "impasto/train/lbfgs_cache.h"
#include "impasto/train/pictures.h"
#include "loss/random_vgg.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "train/memory_images.h"

using namespace impasto;
using nlohmann::json;

namespace {

LossNetwork network() {
  static const LossNetwork shared = random_vgg16(21);
  return shared;
}

Image painting() { return noise_image(60, 48, 7); }

MemoryImages photos(int count = 3) { return MemoryImages(noise_images(count, 44, 36)); }

EvaluateConfig small_config() {
  EvaluateConfig config;
  config.image_size = 32;
  config.style_size = 40;
  config.loss.content = {{"relu1_2", 1.0}};
  config.loss.style = {{"relu1_1", 1.0}, {"relu2_1", 1.0}};
  config.lbfgs = "2,4";
  config.device = "cpu";
  config.threads = 1;
  return config;
}

StyleModel model_with_scales() {
  StyleModel model = tiny_model();
  model.training["loss_network"] = "vgg16";
  model.training["loss_network_scales"] = R"({"relu1_1":0.5,"relu1_2":2.0,"relu2_1":3.0})";
  return model;
}

Evaluation evaluate(const EvaluateConfig& config,
                    const StyleModel& model = model_with_scales(),
                    int count = 3) {
  return Evaluator(config, model, network(), painting()).run(photos(count));
}

std::vector<LossValues> course(const std::vector<double>& totals) {
  std::vector<LossValues> losses;
  for (const double total : totals) losses.push_back({.total = total});
  return losses;
}

// Two photos with numbers that are easy to follow, the second of which went on longer.
Evaluation made_up() {
  Evaluation evaluation;
  evaluation.style = "wave";
  evaluation.image_size = 64;
  evaluation.loss_network = "vgg16";
  evaluation.comparisons = {2, 3};
  evaluation.long_evaluations = 5;
  evaluation.photos = {
      {.name = "photos/a.jpg",
       .photo = {.style = 10, .total = 10},
       .model = {.content = 1, .style = 2, .total = 3},
       .lbfgs = course({10, 6, 2, 1.5, 1})},
      {.name = "photos/b<c>.jpg",
       .photo = {.style = 20, .total = 20},
       .model = {.content = 2, .style = 3, .total = 5},
       .lbfgs = course({20, 8, 4})},
  };
  return evaluation;
}

}  // namespace

TEST_CASE("A loss is placed among evaluations by interpolation") {
  const auto lbfgs = course({10, 6, 6, 2});
  CHECK(matching_evaluations(lbfgs, 11) == 0);
  CHECK(matching_evaluations(lbfgs, 10) == 1);
  CHECK(*matching_evaluations(lbfgs, 8) == Approx(1.5));
  CHECK(*matching_evaluations(lbfgs, 6) == Approx(2));
  CHECK(*matching_evaluations(lbfgs, 5) == Approx(3.25));
  CHECK(*matching_evaluations(lbfgs, 2) == Approx(4));
  CHECK_FALSE(matching_evaluations(lbfgs, 1.9).has_value());
  CHECK_FALSE(matching_evaluations({}, 1).has_value());

  CHECK(placement_text(lbfgs, 11) == "worse than the photos themselves");
  CHECK(placement_text(lbfgs, 5) == "as good as 3.2 evaluations of L-BFGS");
  CHECK(placement_text(lbfgs, 1) == "better than 4 evaluations of L-BFGS");
}

TEST_CASE("Means are over the photos that went on long enough") {
  const Evaluation evaluation = made_up();
  const PhotoScore all = mean_score(evaluation.photos, 3);
  CHECK(all.photo.total == 15);
  CHECK(all.model.content == 1.5);
  CHECK(all.model.total == 4);
  REQUIRE(all.lbfgs.size() == 3);
  CHECK(all.lbfgs[1].total == 7);
  const PhotoScore longer = mean_score(evaluation.photos, 5);
  CHECK(longer.model.total == 3);
  CHECK(longer.lbfgs.back().total == 1);
}

TEST_CASE("The table has a line a photo, their mean and the model's place") {
  const std::string table = evaluation_table(made_up());
  CHECK_THAT(table, ContainsSubstring("L-BFGS, total after evaluations"));
  CHECK_THAT(table,
             ContainsSubstring("\na.jpg             1         2         0         3         10  "
                               "        6         2       2.8\n"));
  CHECK_THAT(table, ContainsSubstring("\nmean            1.5       2.5         0         4  "));
  CHECK_THAT(table,
             ContainsSubstring("\nwave: mean loss 4 on 2 photos at 64x64: as good as 2.8 "
                               "evaluations of L-BFGS\n"));
  CHECK_THAT(table,
             ContainsSubstring("\non the first 1 photo, with 5 evaluations (1): 3, as good as 2.8 "
                               "evaluations of L-BFGS\n"));
  Evaluation alone = made_up();
  alone.comparisons.clear();
  alone.long_evaluations = 0;
  CHECK_THAT(evaluation_table(alone), !ContainsSubstring("L-BFGS"));
  CHECK_THAT(evaluation_table(alone),
             ContainsSubstring("wave: mean loss 4 on 2 photos at 64x64\n"));
}

TEST_CASE("The JSON file holds every score") {
  const json scores = json::parse(to_json(made_up()));
  CHECK(scores["style"] == "wave");
  CHECK(scores["image_size"] == 64);
  CHECK(scores["mean"]["model"]["total"] == 4);
  CHECK(scores["mean"]["lbfgs"]["3"]["total"] == 3);
  CHECK(scores["mean"]["as_good_as"] == 2.75);
  CHECK(scores["mean"]["lbfgs_course"] == json({15, 7, 3}));
  REQUIRE(scores["photos"].size() == 2);
  CHECK(scores["photos"][0]["name"] == "a.jpg");
  CHECK(scores["photos"][1]["photo"]["style"] == 20);
  CHECK(scores["photos"][1]["as_good_as"] == 2.75);
  CHECK(scores["long"]["evaluations"] == 5);
  CHECK(scores["long"]["lbfgs_course"] == json({10, 6, 2, 1.5, 1}));

  Evaluation better = made_up();
  for (auto& photo : better.photos) photo.model.total = 0.5;
  CHECK(json::parse(to_json(better))["mean"]["as_good_as"].is_null());
}

TEST_CASE("The plot is one SVG picture with both courses, the photos and the model") {
  const std::string svg = evaluation_svg(made_up(), "waves & <winds>");
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK_THAT(svg, ContainsSubstring("waves &amp; &lt;winds&gt;"));
  CHECK_THAT(svg, ContainsSubstring("the model: 4, as good as 2.8 evaluations of L-BFGS"));
  CHECK_THAT(svg, ContainsSubstring("the photos themselves"));
  CHECK_THAT(svg, ContainsSubstring("L-BFGS, mean over 2 photos"));
  // Of 5 evaluations from 72 to 696, 2.75 are at 415.2.
  CHECK_THAT(svg, ContainsSubstring("<circle cx=\"415.2\""));
  CHECK_THAT(svg, !ContainsSubstring("nan") && !ContainsSubstring("inf"));
  std::size_t curves = 0;
  for (auto at = svg.find("<polyline"); at != std::string::npos;
       at = svg.find("<polyline", at + 1)) {
    ++curves;
  }
  CHECK(curves == 2);
  Evaluation alone = made_up();
  alone.comparisons.clear();
  CHECK_THROWS_AS(evaluation_svg(alone, "wave"), ConfigError);
}

TEST_CASE("A model's scores are the loss of what it makes, with the scales of its training") {
  const auto config = small_config();
  const StyleModel model = model_with_scales();
  const Evaluation evaluation = evaluate(config, model);
  CHECK(evaluation.scales_from_model);
  CHECK(evaluation.scales ==
        std::map<std::string, double>{{"relu1_1", 0.5}, {"relu1_2", 2.0}, {"relu2_1", 3.0}});
  REQUIRE(evaluation.photos.size() == 3);

  // The same again, written out.
  PerceptualLoss loss(network(), config.loss);
  loss.calibrate({with_short_side(painting(), 40)}, evaluation.scales);
  auto generator = make_generator(model);
  const c10::NoGradGuard no_grad;
  const auto source = photos();
  std::vector<EvaluationPhoto> squares = evaluation_photos(source, 32);
  LossValues sum;
  for (std::size_t i = 0; i < 3; ++i) {
    const at::Tensor photo = squares[i].picture.to(at::kFloat);
    const LossValues expected = values_of(loss(generator->forward(photo), photo, {0}));
    const PhotoScore& score = evaluation.photos[i];
    CHECK(score.name == "memory/" + std::to_string(i));
    CHECK(score.model.total == Approx(expected.total).epsilon(1e-5));
    CHECK(score.model.style == Approx(expected.style).epsilon(1e-5));
    CHECK(score.photo.content == 0);
    CHECK(score.photo.total > 0);
    sum.total += expected.total / 3;

    // L-BFGS starts from the photo and only gets better.
    REQUIRE(score.lbfgs.size() == 4);
    CHECK(score.lbfgs[0].total == Approx(score.photo.total).epsilon(1e-5));
    for (std::size_t step = 1; step < 4; ++step) {
      CHECK(score.lbfgs[step].total <= score.lbfgs[step - 1].total);
    }
    CHECK(score.lbfgs[3].total < score.lbfgs[0].total);
  }
  const LossValues mean = mean_losses(
      [&](const at::Tensor& photo) { return generator->forward(photo); }, loss, squares, at::kCPU);
  CHECK(mean.total == Approx(sum.total).epsilon(1e-5));
}

TEST_CASE("Scales are measured where the model has none that fit") {
  auto config = small_config();
  config.lbfgs = "none";
  const Evaluation without = evaluate(config, tiny_model());
  CHECK_FALSE(without.scales_from_model);
  CHECK(without.scales.size() == 3);
  CHECK(without.photos[0].lbfgs.empty());
  // Of another layer than those it was trained with, or of another network.
  config.loss.content = {{"relu2_2", 1.0}};
  CHECK_FALSE(evaluate(config).scales_from_model);
  config = small_config();
  config.lbfgs = "none";
  StyleModel model = model_with_scales();
  model.training["loss_network"] = "vgg19";
  CHECK_FALSE(evaluate(config, model).scales_from_model);
  config.loss.normalise_features = false;
  CHECK(evaluate(config).scales.empty());
}

TEST_CASE("A style is chosen by its name") {
  const StyleModel model = tiny_model({"wave", "night"});
  auto config = small_config();
  config.lbfgs = "none";
  config.style_name = "night";
  const Evaluation night = evaluate(config, model);
  config.style_name = "";
  const Evaluation first = evaluate(config, model);
  CHECK(night.style == "night");
  CHECK(first.style == "wave");
  CHECK(night.photos[0].photo.total == first.photos[0].photo.total);
  CHECK(night.photos[0].model.total != first.photos[0].model.total);
  config.style_name = "day";
  CHECK_THROWS_AS(evaluate(config, model), ConfigError);
}

TEST_CASE("More evaluations on the first photos leave the others as they are") {
  auto config = small_config();
  const Evaluation plain = evaluate(config);
  config.lbfgs_long = 6;
  config.long_photos = 2;
  const Evaluation longer = evaluate(config);
  CHECK(longer.photos[0].lbfgs.size() == 6);
  CHECK(longer.photos[1].lbfgs.size() == 6);
  CHECK(longer.photos[2].lbfgs.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(longer.photos[0].lbfgs[i].total == plain.photos[0].lbfgs[i].total);
  }
}

TEST_CASE("L-BFGS is computed once for everything it depends on") {
  const TemporaryFolder folder;
  auto config = small_config();
  config.cache = folder / "cache";
  const auto run = [&](const EvaluateConfig& with, const Image& style = painting()) {
    Evaluator evaluator(with, model_with_scales(), network(), style);
    int evaluations = 0;
    evaluator.on_progress([&](const EvaluationProgress& progress) {
      ++evaluations;
      CHECK(progress.total >= progress.done);
      return Flow::kContinue;
    });
    return std::pair(evaluator.run(photos()), evaluations);
  };
  const auto [first, computed] = run(config);
  CHECK(computed == 12);
  const auto [second, again] = run(config);
  CHECK(again == 0);
  for (std::size_t i = 0; i < 3; ++i) CHECK((second.photos[i].lbfgs == first.photos[i].lbfgs));

  auto fewer = config;
  fewer.lbfgs = "1,3";
  CHECK(run(fewer).second == 0);
  auto more = config;
  more.lbfgs = "5";
  CHECK(run(more).second == 15);
  auto stronger = config;
  stronger.loss.style_weight *= 2;
  CHECK(run(stronger).second == 12);
  CHECK(run(config, noise_image(60, 48, 8)).second == 12);
  auto larger = config;
  larger.image_size = 34;
  CHECK(run(larger).second == 12);
}

TEST_CASE("A run that was stopped goes on from the cache") {
  const TemporaryFolder folder;
  auto config = small_config();
  config.cache = folder / "cache";
  const auto run = [&](int stop_after) {
    Evaluator evaluator(config, model_with_scales(), network(), painting());
    int evaluations = 0;
    evaluator.on_progress([&](const EvaluationProgress&) {
      return ++evaluations == stop_after ? Flow::kStop : Flow::kContinue;
    });
    return std::pair(evaluator.run(photos()), evaluations);
  };
  const auto [stopped, before] = run(6);  // in the middle of the second photo
  CHECK(stopped.stopped);
  CHECK(before == 6);
  CHECK(stopped.photos[0].lbfgs.size() == 4);
  CHECK(stopped.photos[1].lbfgs.empty());
  const auto [finished, after] = run(-1);
  CHECK_FALSE(finished.stopped);
  CHECK(after == 8);
  config.cache.clear();
  const auto fresh = run(-1).first;
  for (std::size_t i = 0; i < 3; ++i) CHECK((finished.photos[i].lbfgs == fresh.photos[i].lbfgs));
}

TEST_CASE("A damaged cache file is warned of and computed anew") {
  const TemporaryFolder folder;
  const LbfgsCache cache(folder.path());
  cache.store("inputs", course({3, 2}));
  CHECK((*cache.find("inputs", 2) == course({3, 2})));
  CHECK((*cache.find("inputs", 1) == course({3})));
  CHECK_FALSE(cache.find("inputs", 3).has_value());
  CHECK_FALSE(cache.find("others", 1).has_value());
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    std::ofstream(file.path()) << "{\"inputs\": \"inp";
  }
  std::string warning;
  set_log_sink([&](LogLevel, std::string_view text) { warning = text; });
  CHECK_FALSE(cache.find("inputs", 1).has_value());
  set_log_sink({});
  CHECK_THAT(warning, ContainsSubstring("damaged, computed anew"));
}

TEST_CASE("A fingerprint tells values, shapes and types apart") {
  const at::Tensor ones = at::ones({2, 3});
  CHECK(fingerprint(ones) == fingerprint(at::ones({2, 3})));
  CHECK(fingerprint(ones) == fingerprint(at::ones({3, 2}).t()));
  CHECK(fingerprint(ones) != fingerprint(at::ones({3, 2})));
  CHECK(fingerprint(ones) != fingerprint(at::ones({2, 3}, at::kInt)));
  CHECK(fingerprint(ones) != fingerprint(ones + 1e-6));
}

TEST_CASE("Photos that cannot be used are named and left out") {
  std::vector<Image> images = noise_images(3, 44, 36);
  images[1] = noise_image(44, 20, 1);
  const MemoryImages source(images, {2});
  std::string warnings;
  set_log_sink([&](LogLevel, std::string_view text) { warnings += std::string(text) + "\n"; });
  const auto usable = evaluation_photos(source, 32);
  CHECK(usable.size() == 1);
  CHECK_THAT(warnings,
             ContainsSubstring("skipped: memory/1: expected a short side of at least 32 pixels "
                               "(image_size), found 44x20\n") &&
                 ContainsSubstring("skipped: memory/2: not a picture"));
  CHECK_THAT(message_of<IoError>([&] { evaluation_photos(source, 40); }),
             ContainsSubstring("photos: expected at least one that can be used, found none of 3; "
                               "first memory/0: "));
  set_log_sink({});
}
