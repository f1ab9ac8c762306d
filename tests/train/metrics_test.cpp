#include "impasto/train/metrics.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using impasto::MetricsWriter;
using impasto::StepReport;

TEST_CASE("A line of metrics.jsonl holds every field of a report") {
  const TemporaryFolder folder;
  const auto path = folder / "metrics.jsonl";
  MetricsWriter writer(path);
  const StepReport report{.step = 3,
                          .total = 10,
                          .content = 1.5,
                          .style = 2.25,
                          .tv = 0.125,
                          .loss = 3.875,
                          .learning_rate = 1e-3,
                          .gradient_norm = 17.5,
                          .pictures_per_second = 2.5,
                          .loader_wait = 0.01,
                          .seconds = 12.5,
                          .eta = 30,
                          .bad_pictures = 1,
                          .skipped_steps = 2};
  writer.write(report);

  std::ifstream stream(path);  // before the writer is gone: lines are flushed
  std::string line;
  REQUIRE(std::getline(stream, line));
  const auto found = nlohmann::json::parse(line);
  const nlohmann::json expected = {{"step", 3},
                                   {"total", 10},
                                   {"content", 1.5},
                                   {"style", 2.25},
                                   {"tv", 0.125},
                                   {"loss", 3.875},
                                   {"learning_rate", 1e-3},
                                   {"gradient_norm", 17.5},
                                   {"pictures_per_second", 2.5},
                                   {"loader_wait", 0.01},
                                   {"seconds", 12.5},
                                   {"eta", 30.0},
                                   {"bad_pictures", 1},
                                   {"skipped_steps", 2}};
  CHECK(found == expected);
}

TEST_CASE("Held-out losses and activity have lines of their own") {
  const TemporaryFolder folder;
  const auto path = folder / "metrics.jsonl";
  MetricsWriter writer(path);
  writer.write(impasto::ValidationReport{
      .step = 500, .content = 0.5, .style = 0.25, .tv = 0.125, .loss = 0.875});
  writer.write(impasto::ActivityReport{
      .step = 500, .layers = {{"encoder.0.activation", 0.5}, {"decoder.1.activation", 0.25}}});
  std::ifstream stream(path);
  std::string line;
  REQUIRE(std::getline(stream, line));
  CHECK(line ==
        R"({"step":500,"validation":{"content":0.5,"style":0.25,"tv":0.125,"loss":0.875}})");
  REQUIRE(std::getline(stream, line));
  CHECK(line ==
        R"({"step":500,"active":{"encoder.0.activation":0.5,"decoder.1.activation":0.25}})");
}

TEST_CASE("Lines are added to those that are there") {
  const TemporaryFolder folder;
  const auto path = folder / "metrics.jsonl";
  for (int run = 0; run < 2; ++run) {
    MetricsWriter writer(path);
    writer.write(StepReport{.step = run});
  }
  std::ifstream stream(path);
  int lines = 0;
  for (std::string line; std::getline(stream, line);) {
    CHECK(nlohmann::json::parse(line)["step"] == lines);
    ++lines;
  }
  CHECK(lines == 2);
}

TEST_CASE("A file that cannot be written is named") {
  const TemporaryFolder folder;
  const auto path = folder / "absent" / "metrics.jsonl";
  CHECK_THROWS_AS(MetricsWriter(path), impasto::IoError);
  CHECK_THROWS_WITH(MetricsWriter(path),
                    ContainsSubstring("metrics.jsonl: cannot be written: No such file"));
}
