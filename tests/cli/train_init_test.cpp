// `train --init-from`, `--add-style` and `--dry-run`.

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/studio.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

constexpr const char* kTwoStyles = R"(style.images=["wave, great.png","night.png"])";
constexpr const char* kConditional = "generator.norm=conditional_instance";

StyleModel model_of(const Studio& studio, const std::string& run) {
  return StyleModel::load(studio / ("runs/" + run + "/model.safetensors"));
}

// Row `style` of a scale or shift.
std::vector<float> row(const StyleModel& model, const std::string& name, std::size_t style) {
  const auto values = model.tensors.at(name).to_floats();
  const std::size_t width = values.size() / model.styles.size();
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(style * width);
  return {first, first + static_cast<std::ptrdiff_t>(width)};
}

struct Gallery : Studio {
  Gallery() {
    write_image(*this / "night.png", gradient(50, 60));
    write_image(*this / "scream.png", gradient(70, 44));
  }
};

}  // namespace

TEST_CASE("--init-from goes on from a model's weights with its generator") {
  const Studio studio;
  REQUIRE(studio.train({"generator.residual_blocks=2"}).exit_code == 0);
  // No step changes anything at such a rate: what comes out is what went in.
  const auto result = studio.train(
      {"output.dir=runs/fine", "optimizer.learning_rate=1e-30", "generator.residual_blocks=2"},
      {"--init-from", "runs/wave/model.safetensors"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(model_of(studio, "fine").tensors == model_of(studio, "wave").tensors);

  // The margin shapes no tensor: it may be another, and is the model's where nothing says so.
  CHECK(model_of(studio, "wave").generator.margin == 8);
  const auto bare = studio.train({"output.dir=runs/bare",
                                  "optimizer.learning_rate=1e-30",
                                  "generator.residual_blocks=2",
                                  "generator.margin=3"},
                                 {"--init-from", "runs/wave/model.safetensors"});
  INFO(bare.err);
  REQUIRE(bare.exit_code == 0);
  CHECK(model_of(studio, "bare").generator.margin == 3);
  CHECK(model_of(studio, "bare").tensors == model_of(studio, "wave").tensors);
  REQUIRE(studio
              .train({"output.dir=runs/again",
                      "optimizer.learning_rate=1e-30",
                      "generator.residual_blocks=2"},
                     {"--init-from", "runs/bare/model.safetensors"})
              .exit_code == 0);
  CHECK(model_of(studio, "again").generator.margin == 3);

  const auto other = studio.train({"output.dir=runs/other", "generator.residual_blocks=1"},
                                  {"--init-from", "runs/wave/model.safetensors"});
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err,
             ContainsSubstring("generator.residual_blocks: expected 2 as in the model ") &&
                 ContainsSubstring("found 1"));
  const auto absent = studio.train({}, {"--init-from", "absent.safetensors"});
  CHECK(absent.exit_code == 1);
  CHECK_THAT(absent.err, ContainsSubstring("absent.safetensors"));
}

TEST_CASE("--add-style learns a further style and leaves all else as it was, bit for bit") {
  const Gallery studio;
  REQUIRE(studio.train({kTwoStyles, kConditional}).exit_code == 0);
  const auto result =
      studio.train({"output.dir=runs/three"},
                   {"--init-from", "runs/wave/model.safetensors", "--add-style", "scream.png"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const auto before = model_of(studio, "wave");
  const auto after = model_of(studio, "three");
  CHECK(after.styles == std::vector<std::string>{"wave, great", "night", "scream"});
  for (const auto& [name, tensor] : before.tensors) {
    CAPTURE(name);
    if (name.find(".norm") == std::string::npos) {
      CHECK((after.tensors.at(name) == tensor));
      continue;
    }
    CHECK((row(after, name, 0) == row(before, name, 0)));
    CHECK((row(after, name, 1) == row(before, name, 1)));
    CHECK((row(after, name, 2) != row(after, name, 1)));
  }

  // A run that adds styles resumes without the model that it began with.
  fs::remove(studio / "runs/wave/model.safetensors");
  fs::remove(studio / "runs/three/model.safetensors");
  CHECK(run_program(IMPASTO_TRAIN, {"--resume", "runs/three"}, studio.path()).exit_code == 0);
  CHECK(model_of(studio, "three").tensors == after.tensors);
}

TEST_CASE("--add-style says what is missing or in the way") {
  const Gallery studio;
  const auto alone = studio.train({}, {"--add-style", "scream.png"});
  CHECK(alone.exit_code == 2);
  CHECK_THAT(alone.err, ContainsSubstring("option '--add-style' needs '--init-from'"));

  REQUIRE(studio.train().exit_code == 0);
  const auto add = [&](const std::string& painting, const std::string& folder) {
    return studio.train({"output.dir=runs/" + folder},
                        {"--init-from", "runs/wave/model.safetensors", "--add-style", painting});
  };
  const auto single = add("scream.png", "a");
  CHECK(single.exit_code == 2);
  CHECK_THAT(single.err,
             ContainsSubstring("expected a model with generator.norm "
                               "'conditional_instance'"));
  REQUIRE(studio.train({kTwoStyles, kConditional}, {"--overwrite"}).exit_code == 0);
  const auto twice = add("night.png", "b");
  CHECK(twice.exit_code == 2);
  CHECK_THAT(twice.err, ContainsSubstring("the model has a style 'night' already"));
}

TEST_CASE("--dry-run tells what a run would take and writes nothing") {
  const Studio studio;
  const auto result = studio.train({"schedule.steps=1000"}, {"--dry-run"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_FALSE(studio.has_run());
  for (const char* part : {"parameters         ",
                           " GFLOP a step in convolutions (2 pictures)",
                           " MB at most so far",
                           " s a step, ",
                           "the whole run      1000 steps, about "}) {
    CHECK_THAT(result.out, ContainsSubstring(part));
  }
}
