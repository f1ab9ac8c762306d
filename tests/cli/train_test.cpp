// `train` as a user runs it: real VGG16 weights, crops of 32 pixels and a narrow network.

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/studio.h"
#include "impasto/base/train_config.h"
#include "impasto/image/image_io.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

// Checks that a run failed with one line before it wrote anything.
void check_failure(const Studio& studio,
                   const ProgramResult& result,
                   int code,
                   const std::string& message) {
  CHECK(result.exit_code == code);
  CHECK(result.out == "");
  CHECK_THAT(result.err, ContainsSubstring(message));
  CHECK(result.err.starts_with("train: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK_FALSE(studio.has_run());
}

}  // namespace

TEST_CASE("train learns a style that stylize applies") {
  const Studio studio;
  const ProgramResult result = studio.train();
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out,
             ContainsSubstring("runs/wave/model.safetensors: trained 3 of 3 steps in "));
  CHECK_THAT(result.err, ContainsSubstring(", cpu, float32, 1 thread; "));
  CHECK_THAT(result.err, ContainsSubstring("6 photos in "));
  CHECK_THAT(result.err, ContainsSubstring("3/3  content ") && ContainsSubstring("pictures/s"));

  const StyleModel model = StyleModel::load(studio / "runs/wave/model.safetensors");
  CHECK(model.styles == std::vector<std::string>{"wave, great"});
  CHECK(model.training.at("steps") == "3");

  const auto metrics = read_steps(studio / "runs/wave/metrics.jsonl");
  REQUIRE(metrics.size() == 3);
  for (int i = 0; i < 3; ++i) {
    const auto& line = metrics[static_cast<std::size_t>(i)];
    CHECK(line["step"] == i + 1);
    CHECK(line["total"] == 3);
    CHECK(line["loss"] > 0);
    CHECK(line["bad_pictures"] == 0);
  }
  CHECK(load_train_config(studio / "runs/wave/config.json") ==
        load_train_config(studio / "train.json"));
  for (const char* name : {"step_000002.png", "step_000003.png"}) {
    const Image sheet = read_image(studio / "runs/wave/samples" / name);
    CHECK(sheet.width() == 32 + 8 + 32);
    CHECK(sheet.height() == 4 * 32 + 3 * 8);  // four photos under each other
  }

  const ProgramResult styled = run_program(IMPASTO_STYLIZE,
                                           {"--model",
                                            "runs/wave/model.safetensors",
                                            "--input",
                                            "photos/3.png",
                                            "--output",
                                            "out.png",
                                            "--device",
                                            "cpu"},
                                           studio.path());
  INFO(styled.err);
  REQUIRE(styled.exit_code == 0);
  CHECK(read_image(studio / "out.png").width() == 52);
  CHECK(read_image(studio / "out.png").height() == 48);
}

TEST_CASE("train --help is enough to work from") {
  const ProgramResult result = run_program(IMPASTO_TRAIN, {"--help"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "");
  for (const char* part : {"--config FILE [--set KEY=VALUE ...]",
                           "--print-config",
                           "--overwrite",
                           "Examples:\n  train --config configs/train_quick.json",
                           "samples/step_000500.png",
                           "Ctrl-C",
                           "Exit codes:\n  0  done",
                           "Config keys:\n",
                           "loss.style_weight"}) {
    CHECK_THAT(result.out, ContainsSubstring(part));
  }
}

TEST_CASE("train --version names the program and a number") {
  const ProgramResult result = run_program(IMPASTO_TRAIN, {"--version"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Matchers::StartsWith("train (impasto) 0."));
}

TEST_CASE("train --print-config prints every field with the settings applied, and runs nothing") {
  const Studio studio;
  const ProgramResult result = studio.train({"loss.style_weight=7.5"}, {"--print-config"});
  CHECK(result.exit_code == 0);
  CHECK(result.out == to_json(load_train_config(studio / "train.json", {"loss.style_weight=7.5"})));
  CHECK_THAT(result.out, ContainsSubstring("\"style_weight\": 7.5"));
  CHECK_FALSE(studio.has_run());
}

TEST_CASE("train --print-schema prints the schema of the config") {
  const ProgramResult result = run_program(IMPASTO_TRAIN, {"--print-schema"});
  CHECK(result.exit_code == 0);
  CHECK(result.out == train_config_schema());
}

TEST_CASE("a list in --set keeps commas in file names") {
  const Studio studio;
  fs::copy(studio / "wave, great.png", studio / "a,b.png");
  const ProgramResult result = studio.train({R"(style.images=["a,b.png"])", "schedule.steps=1"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(StyleModel::load(studio / "runs/wave/model.safetensors").styles ==
        std::vector<std::string>{"a,b"});
}

TEST_CASE("a wrong command line of train exits with 2 and names the option") {
  const Studio studio;
  const auto run = [&](const std::vector<std::string>& list) {
    return run_program(IMPASTO_TRAIN, list, studio.path());
  };
  check_failure(studio, run({}), 2, "option '--config' is required");
  check_failure(studio, run({"--confg", "x"}), 2, "did you mean '--config'?");
  check_failure(studio, run({"train.json"}), 2, "unexpected argument 'train.json'");
}

TEST_CASE("a wrong key, type or name in train's config exits with 2 and says what was expected") {
  const Studio studio;
  const auto check = [&](const std::string& setting, const std::string& message) {
    CAPTURE(setting);
    check_failure(studio, studio.train({setting}), 2, message);
  };
  check("data.pth=photos", "did you mean 'path'?");
  check("data.batch_size=2.5", "data.batch_size: expected an integer");
  check("data.flip=1", "data.flip");
  check("schedule.kind=cosinus", "did you mean 'cosine'?");
  check("run.precision=float16", "use bfloat16 or float32");
  check("run.device=gpu", "run.device: expected 'auto', 'cpu', 'cuda' or 'cuda:N', found 'gpu'");
  check("generator.residual_blocks=17", "generator.residual_blocks");
  check("loss.content={\"relu2_3\": 1}", "loss.content.relu2_3: vgg16 has no such layer");
  check("style.images=[]", "style.images");
}

TEST_CASE("what is missing exits with 1 before anything is written") {
  const Studio studio;
  fs::create_directories(studio / "empty");
  studio.write("no_vgg.safetensors", "12345678");
  studio.write("no_picture.png", "text");
  const auto check = [&](const std::string& setting, const std::string& message) {
    CAPTURE(setting);
    check_failure(studio, studio.train({setting}), 1, message);
  };
  check("data.path=absent", "absent");
  check("data.path=empty", "empty");
  check("data.annotations=absent.json", "absent.json");
  check(R"(style.images=["absent.png"])", "absent.png");
  check(R"(style.images=["no_picture.png"])", "no_picture.png");
  check("loss.network=absent.safetensors", "absent.safetensors");
  check("loss.network=no_vgg.safetensors", "no_vgg.safetensors");
  check("run.device=cuda:99", "cuda:99");
  check("output.dir=train.json/run", "train.json");
  check_failure(studio,
                run_program(IMPASTO_TRAIN, {"--config", "absent.json"}, studio.path()),
                1,
                "absent.json");
}

TEST_CASE("bad photos are named once and the run goes on") {
  const Studio studio(20);
  studio.write("photos/3.png", "not a picture");
  write_image(studio / "photos/5.png", gradient(200, 20));
  const ProgramResult result = studio.train({"schedule.steps=0", "schedule.epochs=2"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const auto count = [&](const std::string& text) {
    int found = 0;
    for (auto at = result.err.find(text); at != std::string::npos;
         at = result.err.find(text, at + 1)) {
      ++found;
    }
    return found;
  };
  CHECK(count("warning: skipped: ") == 2);
  CHECK(count("photos/3.png: ") == 1);
  CHECK(count("photos/5.png: expected a short side of at least 32 pixels (data.image_size), found "
              "200x20") == 1);
  CHECK(read_steps(studio / "runs/wave/metrics.jsonl").back()["bad_pictures"] == 2);
}

TEST_CASE("too many bad photos end the run with what to do") {
  const Studio studio;
  studio.write("photos/3.png", "not a picture");
  const ProgramResult result = studio.train({"schedule.steps=30"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err,
             ContainsSubstring("found 1 of 6 (17 %) so far, the last ") &&
                 ContainsSubstring("3.png") && ContainsSubstring("raise data.max_bad_share"));
}

TEST_CASE("Ctrl-C ends the run after a step and saves the model") {
  const Studio studio;
  Program program(IMPASTO_TRAIN, Studio::arguments({"schedule.steps=1000000"}), studio.path());
  const auto metrics = studio / "runs/wave/metrics.jsonl";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (program.running() && std::chrono::steady_clock::now() < deadline &&
         (!fs::exists(metrics) || fs::file_size(metrics) == 0)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  program.send(GENERATE(SIGINT, SIGTERM));
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out,
             ContainsSubstring("model.safetensors: stopped early and saved after step ") &&
                 ContainsSubstring(" of 1000000 in "));
  const auto model = StyleModel::load(studio / "runs/wave/model.safetensors");
  const auto last = read_steps(metrics).back()["step"].get<int>();
  CHECK(last >= 1);
  CHECK(model.training.at("steps") == std::to_string(last));
}

TEST_CASE("an earlier run is replaced only when asked to") {
  const Studio studio;
  REQUIRE(studio.train({"schedule.steps=4"}).exit_code == 0);
  const auto model = studio / "runs/wave/model.safetensors";
  const auto written = fs::last_write_time(model);

  const ProgramResult refused = studio.train();
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err,
             ContainsSubstring("holds an earlier run already (model.safetensors)") &&
                 ContainsSubstring("--overwrite"));
  CHECK(fs::last_write_time(model) == written);
  CHECK(read_steps(studio / "runs/wave/metrics.jsonl").size() == 4);

  REQUIRE(studio.train({}, {"--overwrite"}).exit_code == 0);
  CHECK(read_steps(studio / "runs/wave/metrics.jsonl").size() == 3);
  CHECK_FALSE(fs::exists(studio / "runs/wave/samples/step_000004.png"));
  CHECK(StyleModel::load(model).training.at("steps") == "3");

  // The metrics of a run that was killed are a run too.
  fs::remove(model);
  CHECK_THAT(studio.train().err, ContainsSubstring("holds an earlier run already (metrics.jsonl)"));
}
