// `evaluate` as a user runs it: real VGG16 weights, photos of some dozen pixels and a tiny model.

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/command_line.h"
#include "impasto/base/evaluate_config.h"
#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

using namespace impasto;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string training_config() {
  TrainConfig config;
  config.style.images = {"wave.png"};
  config.style.image_size = 40;
  config.data.image_size = 32;
  config.loss.network = "some_vgg.safetensors";  // a bare name, as models have it
  config.loss.style_weight = 1234;
  return to_json(config);
}

// A working directory with photos, a painting and a model.
class Studio {
 public:
  Studio() {
    fs::create_directories(folder_ / "photos");
    for (int i = 0; i < 2; ++i) {
      write_image(folder_ / ("photos/" + std::to_string(i) + ".png"), gradient(40 + 8 * i, 36));
    }
    write_image(folder_ / "wave.png", gradient(64, 50));
    StyleModel model = tiny_model({"wave", "starry night"});
    model.training["config"] = training_config();
    model.save(folder_ / "model.safetensors");
  }

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  const fs::path& path() const { return folder_.path(); }

  // The usual command line with `changes` to it: "name", "value" pairs that replace or add.
  static std::vector<std::string> arguments(const std::vector<std::string>& changes) {
    const std::vector<std::string> list = {"--model",
                                           "model.safetensors",
                                           "--photos",
                                           "photos",
                                           "--style",
                                           "wave.png",
                                           "--lbfgs",
                                           "1,3",
                                           "--loss-network",
                                           project_file("data/vgg16.safetensors").string(),
                                           "--device",
                                           "cpu",
                                           "--threads",
                                           "1"};
    return with_changes(list, changes);
  }

  ProgramResult evaluate(const std::vector<std::string>& changes = {}) const {
    return run_program(IMPASTO_EVALUATE, arguments(changes), folder_.path());
  }

  void check_failure(const std::vector<std::string>& changes,
                     int code,
                     const std::string& message) const {
    const ProgramResult result = evaluate(changes);
    CHECK(result.exit_code == code);
    CHECK(result.out == "");
    CHECK_THAT(result.err, ContainsSubstring(message));
    CHECK(result.err.starts_with("evaluate: "));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("evaluate prints a table and writes JSON, a plot and a cache") {
  const Studio studio;
  const std::vector<std::string> changes = {"--json",
                                            "out/scores.json",
                                            "--plot",
                                            "out/plot.svg",
                                            "--cache",
                                            "cache",
                                            "--lbfgs-long",
                                            "4",
                                            "--long-photos",
                                            "1"};
  const ProgramResult result = studio.evaluate(changes);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.err, ContainsSubstring(", cpu, float32, 1 thread; vgg16; 2 photos in "));
  CHECK_THAT(result.err, ContainsSubstring("7/7  1.png  "));
  CHECK_THAT(result.err, ContainsSubstring("the model has no feature scales for this loss"));
  CHECK_THAT(result.out, ContainsSubstring("\n0.png ") && ContainsSubstring("\n1.png "));
  CHECK_THAT(result.out, ContainsSubstring("\nwave: mean loss "));
  CHECK_THAT(result.out, ContainsSubstring(" on 2 photos at 32x32: "));
  CHECK_THAT(result.out, ContainsSubstring("\non the first 1 photo, with 4 evaluations ("));

  // With the weights of the training, and the network that the command line gives.
  const json scores = json::parse(read_text_file(studio / "out/scores.json"));
  CHECK(scores["image_size"] == 32);
  CHECK(scores["loss"]["style_weight"] == 1234);
  CHECK(scores["loss"]["network"] == "vgg16");
  CHECK(scores["photos"].size() == 2);
  CHECK(scores["photos"][0]["lbfgs"]["3"]["total"] < scores["photos"][0]["photo"]["total"]);
  CHECK(read_text_file(studio / "out/plot.svg").starts_with("<svg "));
  CHECK(std::distance(fs::directory_iterator(studio / "cache"), {}) == 2);

  // The same again, without L-BFGS having to run.
  const ProgramResult again = studio.evaluate(changes);
  CHECK(again.exit_code == 0);
  CHECK(again.out == result.out);
  CHECK_THAT(again.err, !ContainsSubstring("evaluations/s"));
}

TEST_CASE("evaluate scores one style of several without a comparison") {
  const Studio studio;
  const ProgramResult result = studio.evaluate({"--style-name", "starry night", "--lbfgs", "none"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("\nstarry night: mean loss "));
  CHECK_THAT(result.out, !ContainsSubstring("L-BFGS"));
}

TEST_CASE("evaluate takes losses and sizes from the model, and the user's over them") {
  const Studio studio;
  const auto config_of = [&](std::vector<std::string> changes) {
    auto list = Studio::arguments(changes);
    list.push_back("--print-config");
    const ProgramResult result = run_program(IMPASTO_EVALUATE, list, studio.path());
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return load_evaluate_config(write_test_file(studio / "printed.json", result.out));
  };
  const EvaluateConfig plain = config_of({});
  CHECK(plain.image_size == 32);
  CHECK(plain.style_size == 40);
  CHECK(plain.loss.style_weight == 1234);
  CHECK(plain.loss.network == project_file("data/vgg16.safetensors"));
  CHECK(plain.model == studio / "model.safetensors");
  const EvaluateConfig changed =
      config_of({"--image-size", "64", "--set", "loss.style_weight=5", "--lbfgs", "10,20"});
  CHECK(changed.image_size == 64);
  CHECK(changed.loss.style_weight == 5);
  CHECK(changed.lbfgs == "10,20");
}

TEST_CASE("evaluate --help is enough to work from") {
  const ProgramResult result = run_program(IMPASTO_EVALUATE, {"--help"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "");
  for (const char* part : {"--model FILE --photos DIR --style PAINTING [options]",
                           "--lbfgs N,N,...",
                           "--plot FILE",
                           "Examples:\n  evaluate --model wave.safetensors",
                           "Exit codes:",
                           "Config keys:",
                           "loss.style_weight"}) {
    CHECK_THAT(result.out, ContainsSubstring(part));
  }
  CHECK(run_program(IMPASTO_EVALUATE, {"--version"}).out.starts_with("evaluate (impasto) "));
  CHECK(run_program(IMPASTO_EVALUATE, {"--print-schema"}).out == evaluate_config_schema());
}

TEST_CASE("a wrong command line ends evaluate with exit code 2") {
  const Studio studio;
  const auto check = [&](const std::vector<std::string>& changes, const std::string& message) {
    studio.check_failure(changes, 2, message);
  };
  check({"--lbgfs", "3"}, "unknown option '--lbgfs', did you mean '--lbfgs'?");
  check({"--lbfgs", "10,x"},
        "lbfgs: expected numbers of loss evaluations such as '25,50,100', or 'none', found '10,x'");
  check({"--lbfgs", "10,5"}, "lbfgs: expected rising numbers, found '10,5'");
  check({"--lbfgs-long", "2"}, "lbfgs_long: expected more than the 3 of lbfgs, or 0, found 2");
  check({"--lbfgs", "none", "--lbfgs-long", "2"}, "lbfgs_long: expected 0 where lbfgs is 'none'");
  check({"--lbfgs", "none", "--plot", "p.svg"}, "option '--plot' shows the course of L-BFGS");
  check({"--style-name", "starry nigth"}, "starry night");
  check({"--image-size", "8"}, "image_size: expected an integer from 32 to 4096, found 8");
  check({"--json", "model.safetensors"}, "model.safetensors: the output would overwrite ");
  check({"--json", "photos"}, "photos: expected the name of a file to write, found a folder");
  check({"--set", "loss.content={\"relu9_1\":1}"}, "loss.content.relu9_1: vgg16 has no such layer");
  for (const std::string missing : {"model", "photos", "style"}) {
    auto list = Studio::arguments({});
    list.erase(std::find(list.begin(), list.end(), "--" + missing),
               std::find(list.begin(), list.end(), "--" + missing) + 2);
    const ProgramResult result = run_program(IMPASTO_EVALUATE, list, studio.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, ContainsSubstring("option '--" + missing + "' is required"));
  }
}

TEST_CASE("what is missing or damaged ends evaluate with exit code 1") {
  const Studio studio;
  fs::create_directories(studio / "empty");
  write_test_file(studio / "damaged.safetensors", "no model");
  const auto check = [&](const std::vector<std::string>& changes, const std::string& message) {
    studio.check_failure(changes, 1, message);
  };
  check({"--model", "absent.safetensors"}, "absent.safetensors");
  check({"--model", "damaged.safetensors"}, "damaged.safetensors");
  check({"--photos", "absent"}, "absent");
  check({"--photos", "empty"}, "empty");
  check({"--style", "absent.jpg"}, "absent.jpg");
  check({"--loss-network", "absent.safetensors"}, "absent.safetensors");
  check({"--cache", "wave.png/cache"}, "wave.png");
  check({"--json", "wave.png/scores.json"}, "wave.png");
}

TEST_CASE("photos that evaluate cannot use are named and left out") {
  const Studio studio;
  write_test_file(studio / "photos/broken.png", "not a picture");
  const ProgramResult result = studio.evaluate({"--lbfgs", "none"});
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err,
             ContainsSubstring("warning: skipped: ") && ContainsSubstring("broken.png"));
  CHECK_THAT(result.out, ContainsSubstring(" on 2 photos at 32x32\n"));
}

TEST_CASE("Ctrl-C ends evaluate, and the next run goes on from the cache") {
  const Studio studio;
  const std::vector<std::string> changes = {
      "--cache", "cache", "--lbfgs-long", "1000000", "--long-photos", "1"};
  REQUIRE(studio.evaluate({"--cache", "cache"}).exit_code == 0);
  Program program(IMPASTO_EVALUATE, Studio::arguments(changes), studio.path());
  // The first evaluation is always shown.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (program.running() && std::chrono::steady_clock::now() < deadline &&
         program.err_so_far().find("/1000003") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  program.send(SIGINT);
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK(result.out == "");
  CHECK_THAT(result.err,
             ContainsSubstring("evaluate: stopped; the photos that are done are in ") &&
                 ContainsSubstring("and the next run goes on from there"));
  const ProgramResult again = studio.evaluate({"--cache", "cache"});
  CHECK(again.exit_code == 0);
  CHECK_THAT(again.err, !ContainsSubstring("evaluations/s"));
}
