// Runs of `train` that are killed, stopped or out of disk space, and go on.

#include <signal.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "cli/studio.h"
#include "impasto/base/random.h"
#include "impasto/base/safetensors.h"
#include "impasto/base/train_config.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

// With everything on that a resume could disturb.
const std::vector<std::string> kSettings = {"schedule.steps=12",
                                            "run.checkpoint_every=2",
                                            "run.keep=2",
                                            "optimizer.accumulate=2",
                                            "optimizer.ema=0.9",
                                            "data.workers=3",
                                            "data.prefetch=5"};

fs::path run_folder(const Studio& studio) { return studio / "runs/wave"; }

std::vector<std::byte> weights(const Studio& studio) {
  const auto model = StyleModel::load(run_folder(studio) / "model.safetensors");
  return serialize_safetensors({{}, model.tensors});
}

std::vector<std::string> checkpoints(const Studio& studio) {
  std::vector<std::string> names;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(run_folder(studio) / "checkpoints", absent)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

ProgramResult resume(const Studio& studio, const std::vector<std::string>& more = {}) {
  std::vector<std::string> list = {"--resume", "runs/wave"};
  list.insert(list.end(), more.begin(), more.end());
  return run_program(IMPASTO_TRAIN, list, studio.path());
}

// The studio's run with a fault of tests/support/file_faults.cpp.
ProgramResult train_with_fault(const Studio& studio,
                               const std::string& fault,
                               const std::string& in = "/checkpoints") {
  std::vector<std::string> list = {"LD_PRELOAD=" IMPASTO_FILE_FAULTS,
                                   "IMPASTO_FILE_FAULT=" + fault,
                                   "IMPASTO_FILE_FAULT_IN=" + in,
                                   IMPASTO_TRAIN};
  const auto usual = Studio::arguments(kSettings);
  list.insert(list.end(), usual.begin(), usual.end());
  return run_program("/usr/bin/env", list, studio.path());
}

// Metrics without what depends on time.
std::vector<nlohmann::json> timeless_metrics(const Studio& studio) {
  auto lines = read_metrics(run_folder(studio) / "metrics.jsonl");
  for (auto& line : lines) {
    for (const char* key : {"pictures_per_second", "loader_wait", "seconds", "eta"})
      line.erase(key);
  }
  return lines;
}

// What the run comes to that nothing disturbs.
struct Undisturbed {
  Undisturbed() {
    const Studio studio;
    const auto result = studio.train(kSettings);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    model = weights(studio);
    metrics = timeless_metrics(studio);
    CHECK(checkpoints(studio) ==
          std::vector<std::string>{"step_00000010.safetensors", "step_00000012.safetensors"});
  }
  std::vector<std::byte> model;
  std::vector<nlohmann::json> metrics;
};

const Undisturbed& undisturbed() {
  static const Undisturbed run;
  return run;
}

void check_undisturbed(const Studio& studio) {
  CHECK((weights(studio) == undisturbed().model));
  CHECK(timeless_metrics(studio) == undisturbed().metrics);
}

}  // namespace

TEST_CASE("a run killed at any moment resumes to the same weights, bit for bit") {
  const auto seed = GENERATE(std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3});
  CAPTURE(seed);
  CounterRandom random(seed, 0);
  const Studio studio;
  auto arguments = Studio::arguments(kSettings);
  int kills = 0;
  while (true) {
    Program program(IMPASTO_TRAIN, arguments, studio.path());
    // Until there is something to go on from; then for a random while.
    while (program.running() && checkpoints(studio).empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random.below(kills == 0 ? 150 : 900)));
    if (kills < 3 && program.running()) {
      program.send(SIGKILL);
      ++kills;
      program.wait();
    } else {
      const auto result = program.wait();
      INFO(result.err);
      REQUIRE(result.exit_code == 0);
      break;
    }
    arguments = {"--resume", "runs/wave"};
  }
  CHECK(kills > 0);
  check_undisturbed(studio);
}

TEST_CASE("a run killed while it writes a checkpoint has the one before it to go on from") {
  // The second checkpoint, of step 4: its one write, the syncs of file and folder, the rename.
  const std::string moment = GENERATE("write:2", "fsync:3", "rename:2", "fsync:4");
  CAPTURE(moment);
  const Studio studio;
  const auto killed = train_with_fault(studio, moment + ":kill");
  CHECK(killed.exit_code == 128 + SIGKILL);
  CHECK_FALSE(checkpoints(studio).empty());
  const auto resumed = resume(studio);
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  // Nothing half written stays behind.
  CHECK(checkpoints(studio) ==
        std::vector<std::string>{"step_00000010.safetensors", "step_00000012.safetensors"});
  check_undisturbed(studio);
}

TEST_CASE("a run that is under way keeps its folder") {
  const Studio studio;
  Program program(IMPASTO_TRAIN,
                  Studio::arguments({"schedule.steps=1000000", "run.checkpoint_every=1"}),
                  studio.path());
  while (program.running() && checkpoints(studio).empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (const auto& refused : {run_program(IMPASTO_TRAIN, {"--resume", "runs/wave"}, studio.path()),
                              studio.train({}, {"--overwrite"})}) {
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, ContainsSubstring("a training that is still running writes into it"));
  }
  CHECK(program.running());
  program.send(SIGKILL);
  program.wait();
  CHECK(studio.train({}, {"--overwrite"}).exit_code == 0);
}

TEST_CASE("a run goes on where the file system has no locks, and says so") {
  const Studio studio;
  const auto result = train_with_fault(studio, "flock:1:unknown", ".lock");
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, ContainsSubstring("runs/wave: the file system has no locks"));
}

TEST_CASE("a full disk keeps the last good checkpoint and says how to go on") {
  const std::string call = GENERATE("write:2", "fsync:3", "rename:2");
  const Studio studio;
  const auto failed = train_with_fault(studio, call + ":full");
  CHECK(failed.exit_code == 1);
  CHECK_THAT(
      failed.err,
      ContainsSubstring("step_00000004.safetensors: cannot write: No space left on device") &&
          ContainsSubstring("can go on from step_00000002.safetensors by: train --resume ") &&
          ContainsSubstring("runs/wave"));
  CHECK(checkpoints(studio) == std::vector<std::string>{"step_00000002.safetensors"});
  const auto resumed = resume(studio);
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  CHECK_THAT(resumed.err, ContainsSubstring("going on after step 2"));
  check_undisturbed(studio);
}

TEST_CASE("Ctrl-C saves a checkpoint from which the run goes on to the same weights") {
  const Studio studio;
  Program program(IMPASTO_TRAIN, Studio::arguments(kSettings), studio.path());
  while (program.running() && !fs::exists(run_folder(studio) / "metrics.jsonl")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  program.send(SIGINT);
  const auto stopped = program.wait();
  INFO(stopped.err);
  REQUIRE(stopped.exit_code == 0);
  CHECK_THAT(stopped.out, ContainsSubstring("go on with: train --resume "));
  REQUIRE(resume(studio).exit_code == 0);
  CHECK((weights(studio) == undisturbed().model));
}

TEST_CASE("a damaged checkpoint is passed over for the one before it") {
  const Studio studio;
  REQUIRE(studio.train(kSettings).exit_code == 0);
  fs::resize_file(run_folder(studio) / "checkpoints/step_00000012.safetensors", 1000);
  fs::remove(run_folder(studio) / "model.safetensors");
  const auto resumed = resume(studio);
  CHECK(resumed.exit_code == 0);
  CHECK_THAT(resumed.err,
             ContainsSubstring("warning: damaged, the checkpoint before it is used: ") &&
                 ContainsSubstring("step_00000012.safetensors") &&
                 ContainsSubstring("going on after step 10"));
  check_undisturbed(studio);
}

TEST_CASE("a finished run has nothing left to do, and its model is there again") {
  const Studio studio;
  REQUIRE(studio.train(kSettings).exit_code == 0);
  const auto model = run_folder(studio) / "model.safetensors";
  const auto whole = StyleModel::load(model);
  fs::remove(model);
  const auto resumed = resume(studio);
  CHECK(resumed.exit_code == 0);
  CHECK_THAT(resumed.out, ContainsSubstring("nothing left to do"));
  CHECK(StyleModel::load(model).training == whole.training);
  check_undisturbed(studio);
}

TEST_CASE("a resumed run may be moved, and lists what it may not change, field by field") {
  const Studio studio;
  auto settings = kSettings;
  settings.push_back("schedule.kind=constant");
  REQUIRE(studio.train(settings).exit_code == 0);
  fs::rename(studio / "runs/wave", studio / "runs/moved");
  fs::rename(studio / "photos", studio / "pictures");
  const auto go_on = [&](const std::vector<std::string>& settings_now) {
    std::vector<std::string> list = {"--resume", "runs/moved"};
    for (const auto& setting : settings_now) list.insert(list.end(), {"--set", setting});
    return run_program(IMPASTO_TRAIN, list, studio.path());
  };
  const auto refused = go_on(
      {"data.path=pictures", "optimizer.learning_rate=0.5", "data.batch_size=3", "data.workers=1"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(
      refused.err,
      ContainsSubstring("cannot be resumed with other values of these fields") &&
          ContainsSubstring("\n  data.batch_size: 2 in the checkpoint, 3 now") &&
          ContainsSubstring("\n  optimizer.learning_rate: 0.001 in the checkpoint, 0.5 now") &&
          !ContainsSubstring("data.workers") && !ContainsSubstring("data.path"));

  const auto longer = go_on({"data.path=pictures", "data.workers=1", "schedule.steps=14"});
  INFO(longer.err);
  CHECK(longer.exit_code == 0);
  CHECK_THAT(longer.err,
             ContainsSubstring("changed: data.workers: 3 in the checkpoint, 1 now") &&
                 ContainsSubstring("going on after step 12"));
  CHECK_THAT(longer.out, ContainsSubstring("trained 14 of 14 steps"));
  CHECK(load_train_config(studio / "runs/moved/config.json").schedule.steps == 14);
}

TEST_CASE("photos, painting and loss network of a resumed run must be those it began with") {
  const Studio studio;
  REQUIRE(studio.train(kSettings).exit_code == 0);
  fs::remove(run_folder(studio) / "checkpoints/step_00000012.safetensors");
  write_image(studio / "photos/2.png", gradient(99, 77));
  const auto refused = resume(studio);
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err,
             ContainsSubstring("data.path: expected the photos that the run began with"));
  CHECK(checkpoints(studio).size() == 1);
  const auto allowed = resume(studio, {"--allow-changed-photos"});
  INFO(allowed.err);
  CHECK(allowed.exit_code == 0);

  write_image(studio / "wave, great.png", gradient(65, 50));
  const auto other = resume(studio);
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err,
             ContainsSubstring("style.images: expected the paintings that the run began"));
}

TEST_CASE("--resume says what is wrong with a folder that it cannot go on with") {
  const Studio studio;
  const auto absent = resume(studio);
  CHECK(absent.exit_code == 2);
  CHECK_THAT(absent.err, ContainsSubstring("runs/wave holds no run: expected a config.json there"));
  REQUIRE(studio.train({"schedule.steps=1"}).exit_code == 0);
  fs::remove_all(run_folder(studio) / "checkpoints");
  const auto none = resume(studio);
  CHECK(none.exit_code == 1);
  CHECK_THAT(none.err, ContainsSubstring("expected a checkpoint to go on from, found none"));
  const auto both = resume(studio, {"--overwrite"});
  CHECK(both.exit_code == 2);
  CHECK_THAT(both.err, ContainsSubstring("'--resume' and '--overwrite' exclude each other"));
}
