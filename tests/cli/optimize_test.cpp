// `optimize` as a user runs it: real VGG16 weights and pictures of some dozen pixels.

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/command_line.h"
#include "impasto/base/optimize_config.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

// A working directory with a photo and a painting.
class Studio {
 public:
  Studio() {
    write_image(folder_ / "photo.png", gradient(48, 36));
    write_image(folder_ / "wave, great.png", gradient(30, 64));
  }

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  const fs::path& path() const { return folder_.path(); }

  // The usual command line with `changes` to it: "name", "value" pairs that replace or add.
  static std::vector<std::string> arguments(const std::vector<std::string>& changes) {
    const std::vector<std::string> list = {"--content",
                                           "photo.png",
                                           "--style",
                                           "wave, great.png",
                                           "--output",
                                           "out/result.png",
                                           "--iterations",
                                           "3",
                                           "--loss-network",
                                           project_file("data/vgg16.safetensors").string(),
                                           "--device",
                                           "cpu",
                                           "--threads",
                                           "1"};
    return with_changes(list, changes);
  }

  ProgramResult optimize(const std::vector<std::string>& changes = {}) const {
    return run_program(IMPASTO_OPTIMIZE, arguments(changes), folder_.path());
  }

  // Checks that a run fails with one line before anything is written.
  void check_failure(const std::vector<std::string>& changes,
                     int code,
                     const std::string& message) const {
    const ProgramResult result = optimize(changes);
    CHECK(result.exit_code == code);
    CHECK(result.out == "");
    CHECK_THAT(result.err, ContainsSubstring(message));
    CHECK(result.err.starts_with("optimize: "));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK_FALSE(fs::exists(folder_ / "out/result.png"));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("optimize paints a photo with L-BFGS and with Adam, from the photo and from noise") {
  const Studio studio;
  const std::string optimizer = GENERATE("lbfgs", "adam");
  const std::string init = GENERATE("content", "noise");
  const ProgramResult result = studio.optimize({"--optimizer", optimizer, "--init", init});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("out/result.png: 48x36, 3 iterations in 0:0"));
  CHECK_THAT(result.out, ContainsSubstring("(loss ") && ContainsSubstring("  style "));
  CHECK_THAT(result.err, ContainsSubstring(", cpu, float32, 1 thread; vgg16, " + optimizer));
  CHECK_THAT(result.err, ContainsSubstring("3/3  loss ") && ContainsSubstring("iterations/s"));
  const Image picture = read_image(studio / "out/result.png");
  CHECK(picture.width() == 48);
  CHECK(picture.height() == 36);
  CHECK((picture != gradient(48, 36)));
}

TEST_CASE("optimize limits the size and counts the iterations of every level") {
  const Studio studio;
  const ProgramResult result = studio.optimize({"--max-side", "44", "--levels", "2"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("44x33, 6 iterations in "));
  CHECK_THAT(result.err, ContainsSubstring("level 2/2  loss "));
}

TEST_CASE("optimize takes a config file, --set and flags, the later over the earlier") {
  const Studio studio;
  write_test_file(studio / "o.json",
                  R"({"style": "wave, great.png", "iterations": 7, "loss": {"style_weight": 3}})");
  const ProgramResult result = run_program(IMPASTO_OPTIMIZE,
                                           {"--config",
                                            "o.json",
                                            "--set",
                                            "iterations=8",
                                            "--set",
                                            "init=noise",
                                            "--iterations",
                                            "9",
                                            "--print-config"},
                                           studio.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const auto config = load_optimize_config(write_test_file(studio / "printed.json", result.out));
  CHECK(config.iterations == 9);
  CHECK(config.init == DescentStart::kNoise);
  CHECK(config.loss.style_weight == 3);
  CHECK(config.style == studio / "wave, great.png");
}

TEST_CASE("optimize --help is enough to work from") {
  const ProgramResult result = run_program(IMPASTO_OPTIMIZE, {"--help"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "");
  for (const char* part : {"--content PHOTO --style PAINTING --output PATH [options]",
                           "--iterations N",
                           "Examples:\n  optimize --content harbour.jpg",
                           "Exit codes:",
                           "Config keys:",
                           "loss.style_weight"}) {
    CHECK_THAT(result.out, ContainsSubstring(part));
  }
  CHECK(run_program(IMPASTO_OPTIMIZE, {"--version"}).out.starts_with("optimize (impasto) "));
  CHECK(run_program(IMPASTO_OPTIMIZE, {"--print-schema"}).out == optimize_config_schema());
}

TEST_CASE("a wrong command line ends optimize with exit code 2") {
  const Studio studio;
  const auto check = [&](const std::vector<std::string>& changes, const std::string& message) {
    studio.check_failure(changes, 2, message);
  };
  check({"--iteration", "3"}, "unknown option '--iteration', did you mean '--iterations'?");
  check({"--iterations", "0"}, "iterations: expected an integer from 1 to 1000000, found 0");
  check({"--init", "photo"}, "init: expected one of 'content', 'noise', found 'photo'");
  check({"--optimizer", "sgd"}, "optimizer: expected one of 'lbfgs', 'adam', found 'sgd'");
  check({"--output", "out/result.gif"}, "out/result.gif");
  check({"--output", "photo.png"}, "photo.png: the output would overwrite the photo");
  check({"--output", "wave, great.png"}, "the output would overwrite the painting");
  check({"--content", "."}, "expected one picture, found a folder");
  check({"--set", "loss.style={\"relu9_1\":1}"}, "loss.style.relu9_1: vgg16 has no such layer");
  check({"--set", "loss.styel_weight=1"}, "did you mean 'style_weight'?");
  const ProgramResult too_small = studio.optimize({"--levels", "3"});
  CHECK(too_small.exit_code == 2);
  CHECK_THAT(too_small.err,
             ContainsSubstring("optimize: levels: expected fewer than 3 for a photo of 48x36"));
  for (const std::string missing : {"content", "style", "output"}) {
    auto list = Studio::arguments({});
    list.erase(std::find(list.begin(), list.end(), "--" + missing),
               std::find(list.begin(), list.end(), "--" + missing) + 2);
    const ProgramResult result = run_program(IMPASTO_OPTIMIZE, list, studio.path());
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, ContainsSubstring("option '--" + missing + "' is required"));
  }
}

TEST_CASE("what is missing or damaged ends optimize with exit code 1") {
  const Studio studio;
  write_test_file(studio / "no_picture.png", "not a picture");
  write_test_file(studio / "file", "");
  const auto check = [&](const std::vector<std::string>& changes, const std::string& message) {
    studio.check_failure(changes, 1, message);
  };
  check({"--content", "absent.jpg"}, "absent.jpg");
  check({"--style", "no_picture.png"}, "no_picture.png");
  check({"--loss-network", "absent.safetensors"}, "absent.safetensors");
  check({"--output", "file/result.png"}, "file");
  check({"--device", "cuda:99"}, "cuda:99");
  check({"--config", "absent.json"}, "absent.json");
}

TEST_CASE("Ctrl-C ends optimize and saves the best picture so far") {
  const Studio studio;
  Program program(IMPASTO_OPTIMIZE,
                  Studio::arguments({"--iterations", "1000000", "--optimizer", "adam"}),
                  studio.path());
  // The first evaluation is always shown.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (program.running() && std::chrono::steady_clock::now() < deadline &&
         program.err_so_far().find("1/1000000") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  program.send(GENERATE(SIGINT, SIGTERM));
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out,
             ContainsSubstring("stopped early and saved after iteration ") &&
                 ContainsSubstring(" of 1000000 in "));
  CHECK(read_image(studio / "out/result.png").width() == 48);
}
