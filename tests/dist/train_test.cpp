// One run over several processes: the same result as in one, faults, and going on.

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "cli/studio.h"
#include "dist/processes.h"
#include "impasto/infer/stylizer.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

// A batch that 2 and 4 processes can share, and everything on that they could disturb.
const std::vector<std::string> kSettings = {"data.batch_size=4",
                                            "schedule.steps=6",
                                            "run.checkpoint_every=2",
                                            "run.evaluate_every=3",
                                            "data.hold_out=3",
                                            "optimizer.accumulate=2",
                                            "data.workers=2"};

std::vector<std::string> arguments(const std::vector<std::string>& more) {
  auto list = Studio::arguments(kSettings);
  for (const auto& setting : more) list.insert(list.end(), {"--set", setting});
  return list;
}

// Runs it in a folder of its own, and expects it to go well.
StyleModel train(const Studio& studio,
                 int size,
                 const std::string& folder,
                 const std::vector<std::string>& settings,
                 const std::vector<std::string>& options = {}) {
  auto list = arguments(settings);
  list.insert(list.end(), {"--set", "output.dir=" + folder});
  list.insert(list.end(), options.begin(), options.end());
  Processes processes(size, studio.path().string());
  processes.start_all(list);
  for (const auto& result : processes.wait()) {
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
  }
  return StyleModel::load(studio / (folder + "/model.safetensors"));
}

// Once the run has come so far.
void wait_for_step(const Studio& studio, std::int64_t step) {
  const auto path = studio / "runs/wave/metrics.jsonl";
  for (int i = 0; i < 6000; ++i) {
    const auto steps = fs::exists(path) ? read_steps(path) : std::vector<nlohmann::json>();
    if (!steps.empty() && steps.back().at("step") >= step) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("step " << step << " was not reached");
}

// The largest difference of weights, relative to the largest of their tensor's; that of scales and
// shifts, which start at 0, relative to the normalised features that they meet.
double largest_difference(const StyleModel& a, const StyleModel& b) {
  double largest = 0;
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    const auto x = tensor.to_floats();
    const auto y = b.tensors.at(name).to_floats();
    REQUIRE(x.size() == y.size());
    double size = name.find(".norm") == std::string::npos ? 0 : 1;
    double difference = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      size = std::max(size, std::abs(static_cast<double>(x[i])));
      difference = std::max(difference, std::abs(static_cast<double>(x[i]) - y[i]));
    }
    largest = std::max(largest, difference / size);
  }
  return largest;
}

// Without end, until something happens to it.
const std::vector<std::string> kLong = {
    "schedule.steps=100000", "schedule.kind=constant", "run.checkpoint_every=5"};

}  // namespace

TEST_CASE("Several processes come to the weights of one with plain gradient descent") {
  const Studio studio(10);
  const std::vector<std::string> sgd = {"optimizer.kind=sgd", "optimizer.learning_rate=1e-5"};
  const StyleModel one = train(studio, 1, "runs/1", sgd);
  const StyleModel start =
      train(studio, 1, "runs/start", {"optimizer.kind=sgd", "optimizer.learning_rate=1e-30"});
  // They move far enough for a difference to show.
  REQUIRE(largest_difference(start, one) > 1e-3);
  const auto expected = read_metrics(studio / "runs/1/metrics.jsonl");
  for (const int size : {2, 4}) {
    INFO(size << " processes");
    const std::string folder = "runs/" + std::to_string(size);
    CHECK(largest_difference(one, train(studio, size, folder, sgd)) < 1e-5);
    // The same lines, once, with the same losses, held-out losses too.
    const auto found = read_metrics(studio / (folder + "/metrics.jsonl"));
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& line = found[i].contains("validation") ? found[i]["validation"] : found[i];
      const auto& same = found[i].contains("validation") ? expected[i]["validation"] : expected[i];
      for (const char* term : {"content", "style", "tv"}) {
        if (!same.contains(term)) continue;
        INFO(term << " in " << expected[i]);
        CHECK(line[term].get<double>() == Approx(same[term].get<double>()).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("Several processes paint what one does with Muon and Adam") {
  const Studio studio(10);
  const Image photo = read_image(studio / "photos/9.png");
  const std::string kind = GENERATE("muon", "adam");
  const std::vector<std::string> settings = {"optimizer.kind=" + kind};
  const Image one = Stylizer(train(studio, 1, "runs/1", settings))(photo);
  for (const int size : {2, 4}) {
    INFO(size << " processes, " << kind);
    const Stylizer stylizer(train(studio, size, "runs/" + std::to_string(size), settings));
    CHECK(largest_difference(stylizer(photo), one) <= 3);
  }
}

TEST_CASE("A run goes on with another number of processes") {
  const Studio studio(10);
  const std::vector<std::string> plain = {
      "optimizer.kind=sgd", "optimizer.learning_rate=1e-5", "schedule.kind=constant"};
  const StyleModel one = train(studio, 1, "runs/1", plain);
  auto half = plain;
  half.emplace_back("schedule.steps=4");
  train(studio, 2, "runs/many", half);
  CHECK(largest_difference(one, train(studio, 4, "runs/many", plain, {"--auto-resume"})) < 1e-5);
}

TEST_CASE("One process that is asked to stop stops all after the same step, and the run goes on") {
  const Studio studio(10);
  Processes processes(2, studio.path().string());
  processes.start(0, arguments(kLong));
  Program& second = processes.start(1, arguments(kLong));
  wait_for_step(studio, 3);
  second.send(SIGINT);
  const auto results = processes.wait();
  INFO(results[0].err << results[1].err);
  CHECK(results[0].exit_code == 0);
  CHECK(results[1].exit_code == 0);
  CHECK_THAT(results[0].out, ContainsSubstring("stopped early and saved after step"));
  CHECK(results[1].out.empty());
  CHECK(results[1].err.empty());
}

TEST_CASE("When a process is killed the others stop and name it") {
  const int killed = GENERATE(0, 2);
  const Studio studio(10);
  Processes processes(4, studio.path().string());
  std::vector<Program*> programs;
  for (int rank = 0; rank < 4; ++rank) programs.push_back(&processes.start(rank, arguments(kLong)));
  wait_for_step(studio, 6);
  programs[static_cast<std::size_t>(killed)]->send(SIGKILL);
  const auto results = processes.wait();
  for (int rank = 0; rank < 4; ++rank) {
    const auto& result = results[static_cast<std::size_t>(rank)];
    INFO("process " << rank << ": " << result.err);
    if (rank == killed) continue;
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, ContainsSubstring("process " + std::to_string(rank) + " stops: "));
    CHECK_THAT(result.err, ContainsSubstring("process " + std::to_string(killed)));
    CHECK_THAT(result.err, ContainsSubstring("lost"));
  }
  // Nothing is lost but what came after the last checkpoint.
  auto settings = kLong;
  settings.emplace_back("schedule.steps=12");
  train(studio, 2, "runs/wave", settings, {"--auto-resume"});
}

TEST_CASE("A broken connection is an error, not a signal that ends the process") {
  const std::string fault = GENERATE("writev:1:gone", "writev:100:gone");
  CAPTURE(fault);
  const Studio studio(10);
  auto settings = kLong;
  settings.emplace_back("distributed.timeout=20");  // Gloo does not tell every wait of it.
  Processes processes(2, studio.path().string());
  processes.start(0, arguments(settings));
  processes.start(1,
                  arguments(settings),
                  {"LD_PRELOAD=" IMPASTO_FILE_FAULTS,
                   "IMPASTO_FILE_FAULT=" + fault,
                   "IMPASTO_FILE_FAULT_IN=socket:"});
  const auto results = processes.wait();
  INFO(results[0].err << results[1].err);
  for (const auto& result : results) {
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, ContainsSubstring("train: "));
  }
}

TEST_CASE("A process that hangs is given up after the time-out, and named", "[slow]") {
  const Studio studio(10);
  auto settings = kLong;
  settings.emplace_back("distributed.timeout=20");
  Processes processes(2, studio.path().string());
  processes.start(0, arguments(settings));
  Program& second = processes.start(1, arguments(settings));
  wait_for_step(studio, 3);
  second.send(SIGSTOP);
  // Its parent waits for the first one alone.
  for (int i = 0; i < 600 && processes.running(0); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  second.send(SIGKILL);
  const auto results = processes.wait();
  CHECK(results[0].exit_code == 1);
  CHECK_THAT(results[0].err, ContainsSubstring("process 1"));
  CHECK_THAT(results[0].err, ContainsSubstring("lost"));
}

TEST_CASE("What one process finds wrong, the others say too") {
  const Studio studio(10);
  const Studio other(8);
  Processes processes(2, studio.path().string());
  processes.start(0, arguments({}));
  processes.start(1, arguments({"data.path=" + (other / "photos").string()}));
  const auto results = processes.wait();
  CHECK(results[0].exit_code == 1);
  CHECK(results[1].exit_code == 2);
  CHECK_THAT(results[1].err, ContainsSubstring("data.path: expected by process 1 as by process 0"));
  CHECK_THAT(results[0].err, ContainsSubstring("failed: data.path"));
}

TEST_CASE("A bad photo that one process meets counts and is skipped in all") {
  const Studio studio(10);
  studio.write("photos/bad.png", "no picture");
  const auto model = train(studio, 2, "runs/wave", {"data.max_bad_share=0.5", "schedule.steps=12"});
  const auto steps = read_steps(studio / "runs/wave/metrics.jsonl");
  CHECK(steps.back().at("bad_pictures") == 1);
}

TEST_CASE("A batch that cannot be divided among the processes is refused") {
  const Studio studio(10);
  Processes processes(2, studio.path().string());
  processes.start_all(arguments({"data.batch_size=3"}));
  for (const auto& result : processes.wait()) {
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err,
               ContainsSubstring("data.batch_size: expected a multiple of the 2 processes"));
  }
}
