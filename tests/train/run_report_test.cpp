#include "impasto/train/run_report.h"

#include <fstream>
#include <limits>
#include <regex>
#include <span>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

EncodedPicture encoded(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

RunHistory history_of(std::int64_t steps) {
  RunHistory history;
  for (std::int64_t step = 1; step <= steps; ++step) {
    const auto s = static_cast<double>(step);
    history.steps.push_back({.step = step,
                             .total = 2 * steps,
                             .content = 1 + 1 / s,
                             .style = 100 / s,
                             .tv = 0.01,
                             .loss = 1.01 + 101 / s,
                             .learning_rate = 1e-3,
                             .gradient_norm = 50 / s,
                             .pictures_per_second = 4,
                             .eta = 3600});
  }
  return history;
}

const std::string kPng = "\x89PNG\r\n\x1a\n123";
const std::string kJpeg =
    "\xFF\xD8\xFF\xE0"
    "123";

}  // namespace

TEST_CASE("The report is one page that asks for nothing else") {
  RunReport report{.title = "great_wave", .history = history_of(30)};
  report.photos = {encoded(kJpeg)};
  report.samples = {{.step = 10, .pictures = {encoded(kPng)}}};
  const auto html = run_report_html(report);
  CHECK(html.starts_with("<!DOCTYPE html>"));
  CHECK(count_of(html, "src=\"data:image/jpeg;base64,/9j/4DEyMw==\"") == 1);
  CHECK(count_of(html, "src=\"data:image/png;base64,iVBORw0KGgoxMjM=\"") == 1);
  CHECK(count_of(html, "src=") == 2);
  for (const char* outside : {"http:", "https:", "<link", "<script", "@import", "url("}) {
    INFO(outside);
    CHECK(count_of(html, outside) == 0);
  }
  CHECK(count_of(html, "prefers-color-scheme: dark") == 1);
  CHECK(count_of(html, "@media print") == 1);
  // Everything that is seen alone is said too.
  CHECK(count_of(html, "<svg") == count_of(html, "role=\"img\""));
  CHECK(count_of(html, "<img ") == count_of(html, "<img alt=\""));
}

TEST_CASE("Texts and names are escaped") {
  RunReport report{.title = "<script>alert(1)</script>", .description = "a & b"};
  report.config = "{\"dir\": \"<b>\"}";
  report.history = history_of(3);
  report.history.activities = {{.step = 1, .layers = {{"<i>", 0.5}}}};
  const auto html = run_report_html(report);
  CHECK(count_of(html, "<script") == 0);
  CHECK(count_of(html, "<b>") == 0);
  CHECK(count_of(html, "<i>") == 0);
  CHECK(count_of(html, "&lt;script&gt;alert(1)") == 2);  // title and heading
  CHECK(count_of(html, "{&quot;dir&quot;: &quot;&lt;b&gt;&quot;}") == 1);
}

TEST_CASE("The facts of the last step are shown") {
  RunReport report{.title = "t", .history = history_of(100)};
  report.history.steps.back().bad_pictures = 7;
  report.history.steps.back().skipped_steps = 3;
  report.history.validations = {{.step = 50, .loss = 9}, {.step = 100, .loss = 2.5}};
  const auto html = run_report_html(report);
  CHECK(count_of(html, "<dt>step of 200</dt><dd>100</dd>") == 1);
  CHECK(count_of(html, "width:50%") == 1);
  CHECK(count_of(html, "<dt>left</dt><dd>1 h 0 min</dd>") == 1);
  CHECK(count_of(html, "<dt>skipped steps</dt><dd>3</dd>") == 1);
  CHECK(count_of(html, "<dt>bad pictures</dt><dd>7</dd>") == 1);
  CHECK(count_of(html, "<dt>held-out loss</dt><dd>2.5</dd>") == 1);
  CHECK(count_of(html, ">held out</text>") == 4);  // in the legends of the four terms

  report.history.steps.back().total = 100;
  CHECK(count_of(run_report_html(report), "<dt>state</dt><dd>finished</dd>") == 1);
}

TEST_CASE("A layer that is mostly dead is warned of, and only the latest measurement counts") {
  RunReport report{.title = "t", .history = history_of(20)};
  report.history.activities = {
      {.step = 10, .layers = {{"encoder.0.activation", 0.01}, {"residual.0.activation", 0.5}}},
      {.step = 20, .layers = {{"encoder.0.activation", 0.55}, {"residual.0.activation", 0.1}}}};
  const auto html = run_report_html(report);
  CHECK(count_of(html, "<strong>Mostly dead at step 20:</strong> residual.0.activation (10 %).") ==
        1);
  CHECK(count_of(html, ">mostly dead</td>") == 1);
  CHECK(count_of(html, ">healthy</td>") == 1);
  report.history.activities.back().layers[1].share = 0.11;
  const auto better = run_report_html(report);
  CHECK(count_of(better, "Mostly dead") == 0);
  CHECK(count_of(better, ">low</td>") == 1);
}

TEST_CASE("The page does not grow with the length of the run") {
  const auto pages = [](std::int64_t steps) {
    RunReport report{.title = "t", .history = history_of(steps)};
    for (std::int64_t step = 1; step <= steps / 100; ++step) {
      report.samples.push_back({.step = 100 * step, .pictures = {encoded(kPng)}});
      report.history.validations.push_back({.step = 100 * step, .loss = 2});
      report.history.activities.push_back({.step = 100 * step, .layers = {{"layer", 0.5}}});
    }
    return run_report_html(report);
  };
  const auto some = pages(5000);
  const auto many = pages(100000);
  CHECK(many.size() < 1.1 * static_cast<double>(some.size()) + 100e3);
  CHECK(many.size() < 600e3);
  CHECK(count_of(many, "<img ") == kMaxReportSamples);
  CHECK(count_of(many, "<figcaption>step 100<") == 1);
  CHECK(count_of(many, "<figcaption>step 100000<") == 1);
}

TEST_CASE("A run that has just begun, or went wrong, has a page") {
  CHECK(count_of(run_report_html({.title = "t"}), "No steps yet") == 1);
  RunReport report{.title = "t", .history = history_of(3)};
  report.history.steps[1].loss = std::numeric_limits<double>::quiet_NaN();
  report.history.steps[2].eta = std::numeric_limits<double>::infinity();
  const auto html = run_report_html(report);
  CHECK(count_of(html, "points=\"nan") == 0);
  CHECK(count_of(html, ",nan") == 0);
}

TEST_CASE("A report is written whole, and a picture of another kind is refused") {
  const TemporaryFolder folder;
  RunReport report{.title = "t", .history = history_of(3)};
  const auto path = folder / "report.html";
  write_run_report(path, report);
  CHECK(read_text_file(path) == run_report_html(report));
  report.samples = {{.step = 1, .pictures = {encoded("GIF89a")}}};
  CHECK_THROWS_AS(write_run_report(path, report), FormatError);
  CHECK_THROWS_WITH(write_run_report(path, report), ContainsSubstring("neither PNG nor JPEG"));
  CHECK(read_text_file(path).ends_with("</html>\n"));
}
