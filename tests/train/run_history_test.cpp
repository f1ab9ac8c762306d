#include "impasto/train/run_history.h"

#include <cmath>
#include <fstream>
#include <limits>

#include "impasto/base/error.h"
#include "impasto/train/metrics.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using impasto::MetricsWriter;
using impasto::read_run_history;

namespace {

/// A file with that text.
std::filesystem::path file_with(const TemporaryFolder& folder, const std::string& text) {
  const auto path = folder / "metrics.jsonl";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace

TEST_CASE("What a writer wrote over two starts is read back in order") {
  const TemporaryFolder folder;
  const auto path = folder / "metrics.jsonl";
  {
    MetricsWriter writer(path);
    writer.write(impasto::StepReport{.step = 1,
                                     .total = 4,
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
                                     .bad_pictures = 1});
    writer.write(impasto::ValidationReport{
        .step = 1, .content = 0.5, .style = 0.25, .tv = 0.125, .loss = 0.875});
  }
  {
    MetricsWriter writer(path);
    writer.write(impasto::ActivityReport{
        .step = 2, .layers = {{"encoder.1.activation", 0.25}, {"decoder.0.activation", 0.5}}});
    writer.write(impasto::StepReport{.step = 2, .loss = std::numeric_limits<double>::quiet_NaN()});
  }
  const auto history = read_run_history(path);
  REQUIRE(history.steps.size() == 2);
  const auto& first = history.steps[0];
  CHECK(first.step == 1);
  CHECK(first.total == 4);
  CHECK(first.content == 1.5);
  CHECK(first.style == 2.25);
  CHECK(first.tv == 0.125);
  CHECK(first.loss == 3.875);
  CHECK(first.learning_rate == 1e-3);
  CHECK(first.gradient_norm == 17.5);
  CHECK(first.pictures_per_second == 2.5);
  CHECK(first.loader_wait == 0.01);
  CHECK(first.seconds == 12.5);
  CHECK(first.eta == 30);
  CHECK(first.bad_pictures == 1);
  CHECK(history.steps[1].step == 2);
  CHECK(std::isnan(history.steps[1].loss));
  REQUIRE(history.validations.size() == 1);
  CHECK(history.validations[0].step == 1);
  CHECK(history.validations[0].content == 0.5);
  CHECK(history.validations[0].style == 0.25);
  CHECK(history.validations[0].tv == 0.125);
  CHECK(history.validations[0].loss == 0.875);
  REQUIRE(history.activities.size() == 1);
  CHECK(history.activities[0].step == 2);
  REQUIRE(history.activities[0].layers.size() == 2);  // in the network's order, not the alphabet's
  CHECK(history.activities[0].layers[0].layer == "encoder.1.activation");
  CHECK(history.activities[0].layers[0].share == 0.25);
  CHECK(history.activities[0].layers[1].share == 0.5);
}

TEST_CASE("A last line that is cut off is passed over wherever it is cut") {
  const TemporaryFolder folder;
  const std::string whole = "{\"step\":1,\"loss\":2.5}\n";
  const std::string next = "{\"step\":12,\"loss\":1.5}";
  for (std::size_t kept = 0; kept <= next.size(); ++kept) {
    const auto history = read_run_history(file_with(folder, whole + next.substr(0, kept)));
    REQUIRE(history.steps.size() == 1);
    CHECK(history.steps[0].loss == 2.5);
  }
  CHECK(read_run_history(file_with(folder, "")).steps.empty());
  CHECK(read_run_history(file_with(folder, whole + next + "\n")).steps.size() == 2);
}

TEST_CASE("Lines and keys of other versions are passed over") {
  const TemporaryFolder folder;
  const auto history = read_run_history(file_with(
      folder,
      "{\"step\":1,\"weather\":{\"sun\":1}}\n"
      "{\"step\":2,\"loss\":1,\"new_key\":[1]}\n{\"step\":3,\"loss\":1,\"skipped_steps\":4}\n"));
  CHECK(history.steps.size() == 2);
  CHECK(history.steps[0].total == 0);
  CHECK(history.steps.back().skipped_steps == 4);
}

TEST_CASE("A damaged line is named by its number") {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& line) {
    return read_run_history(file_with(folder, "{\"step\":1,\"loss\":1}\n" + line + "\n"));
  };
  CHECK_THROWS_AS(read("{\"step\":"), impasto::FormatError);
  CHECK_THROWS_WITH(read("{\"step\":"), ContainsSubstring("metrics.jsonl: line 2: not JSON"));
  CHECK_THROWS_WITH(read("3"), ContainsSubstring("line 2: the line: expected an object, found 3"));
  CHECK_THROWS_WITH(read("{\"step\":2.5,\"loss\":1}"),
                    ContainsSubstring("line 2: 'step': expected an integer, found 2.5"));
  CHECK_THROWS_WITH(read("{\"step\":2,\"loss\":\"low\"}"),
                    ContainsSubstring("line 2: 'loss': expected a number, found 'low'"));
  CHECK_THROWS_WITH(read("{\"step\":2,\"validation\":1}"),
                    ContainsSubstring("line 2: 'validation': expected an object, found 1"));
  CHECK_THROWS_AS(read_run_history(folder / "absent.jsonl"), impasto::IoError);
}
