// Real launchers start `train`.

#include <filesystem>
#include <string>
#include <vector>

#include "cli/studio.h"
#include "dist/processes.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"

using impasto::StyleModel;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kSettings = {
    "data.batch_size=4", "schedule.steps=8", "run.checkpoint_every=2"};

fs::path launcher() { return fs::path(IMPASTO_SOURCE_DIR) / "apps/launch/impasto-launch.sh"; }

ProgramResult launch(const Studio& studio, const std::vector<std::string>& words) {
  std::vector<std::string> list = {launcher().string(), "--port", std::to_string(free_port())};
  list.insert(list.end(), words.begin(), words.end());
  return run_program("/bin/sh", list, studio.path());
}

std::vector<std::string> train_words(const std::vector<std::string>& before = {}) {
  std::vector<std::string> words = before;
  words.emplace_back(IMPASTO_TRAIN);
  const auto list = Studio::arguments(kSettings);
  words.insert(words.end(), list.begin(), list.end());
  return words;
}

}  // namespace

TEST_CASE("mpirun starts one run of several processes") {
  const fs::path mpirun = "/usr/bin/mpirun";
  if (!fs::exists(mpirun)) {
    WARN("skipped: no mpirun on this machine");
    return;
  }
  const Studio studio;
  const auto result = run_program("/usr/bin/env",
                                  train_words({"MASTER_PORT=" + std::to_string(free_port()),
                                               mpirun.string(),
                                               "--allow-run-as-root",
                                               "--oversubscribe",
                                               "-np",
                                               "2"}),
                                  studio.path());
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, ContainsSubstring("2 processes, each with 2 of the 4 pictures"));
  CHECK(StyleModel::load(studio / "runs/wave/model.safetensors").training.at("steps") == "8");
}

TEST_CASE("A run whose process is killed is started again and goes on by itself") {
  const Studio studio;
  // The second process of the first attempt kills itself once there is a checkpoint.
  studio.write("once.sh",
               "if [ $RANK = 1 ] && [ ! -e tried ]; then\n"
               "  touch tried\n"
               "  id=$$\n"
               "  (while [ ! -e runs/wave/checkpoints/step_00000002.safetensors ]; do sleep 0.05; "
               "done; kill -9 $id) &\n"
               "fi\n"
               "exec \"$@\"\n");
  auto words = train_words(
      {"--processes", "2", "--restarts", "2", "/bin/sh", (studio / "once.sh").string()});
  words.insert(words.end(), {"--auto-resume", "--set", "schedule.steps=60"});
  const auto result = launch(studio, words);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, ContainsSubstring("process 0 stops: process 1"));
  CHECK_THAT(result.err, ContainsSubstring("starting all again (1 of 2)"));
  CHECK_THAT(result.err, ContainsSubstring("going on after step"));
  CHECK(StyleModel::load(studio / "runs/wave/model.safetensors").training.at("steps") == "60");
}

TEST_CASE("The launcher hands on what went wrong") {
  const Studio studio;
  CHECK(launch(studio, {"--processes", "2", "sh", "-c", "exit 3"}).exit_code == 3);
  CHECK(launch(studio, {"--processes", "2", "--restarts", "1", "sh", "-c", "exit 0"}).err.empty());
  const auto wrong = launch(studio, {"--processes", "many", "true"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, ContainsSubstring("--processes: expected a number, found 'many'"));
  CHECK_THAT(launch(studio, {"--processes", "2"}).err, ContainsSubstring("expected a program"));
}

TEST_CASE("The launcher numbers processes over hosts") {
  const Studio studio;
  const auto result = launch(studio,
                             {"--processes",
                              "2",
                              "--hosts",
                              "2",
                              "--host",
                              "1",
                              "--master",
                              "node0",
                              "sh",
                              "-c",
                              "echo $RANK $WORLD_SIZE $LOCAL_RANK $MASTER_ADDR >rank$RANK"});
  REQUIRE(result.exit_code == 0);
  CHECK(std::ifstream(studio / "rank3").good());
  std::string line;
  std::ifstream stream(studio / "rank2");
  std::getline(stream, line);
  CHECK(line == "2 4 0 node0");
}
