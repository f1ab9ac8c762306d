#include "impasto/train/run_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/train/html_text.h"
#include "impasto/train/run_report_style.h"
#include "impasto/train/svg_chart.h"

namespace impasto {
namespace {

constexpr std::size_t kTableRows = 20;

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "unknown";
  const auto minutes = static_cast<long long>(std::llround(seconds / 60));
  if (minutes < 1) return "under 1 min";
  const std::string rest = std::to_string(minutes % 60) + " min";
  return minutes < 60 ? rest : std::to_string(minutes / 60) + " h " + rest;
}

std::string element(const char* name, std::string_view text) {
  return std::string("<") + name + ">" + escape_html(text) + "</" + name + ">";
}

// --- pictures ---------------------------------------------------------------------------------

std::string_view as_text(const EncodedPicture& picture) {
  return {reinterpret_cast<const char*>(picture.data()), picture.size()};
}

std::string media_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  throw FormatError("report: a sample picture is neither PNG nor JPEG");
}

std::string figure(const std::string& caption,
                   const std::string& what,
                   const std::vector<EncodedPicture>& pictures) {
  std::string html = "<figure>" + element("figcaption", caption);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto bytes = as_text(pictures[i]);
    html += "<img alt=\"" + escape_html(what + " " + std::to_string(i + 1)) +
            "\" src=\"data:" + media_type(bytes) + ";base64," + base64(bytes) + "\">";
  }
  return html + "</figure>\n";
}

std::string sample_section(const RunReport& report) {
  if (report.samples.empty()) return "";
  std::string html = "<h2>Samples</h2>\n<div class=\"samples\">\n";
  if (!report.photos.empty()) html += figure("photos", "Photo", report.photos);
  for (const std::size_t i : evenly_spread(report.samples.size(), kMaxReportSamples)) {
    const std::string step = "step " + std::to_string(report.samples[i].step);
    html += figure(step, "Result at " + step + ", photo", report.samples[i].pictures);
  }
  return html + "</div>\n";
}

// --- curves -----------------------------------------------------------------------------------

using StepField = double StepReport::*;
using ValidationField = double ValidationReport::*;

std::vector<ChartPoint> points_of(const std::vector<StepReport>& steps, StepField field) {
  std::vector<ChartPoint> points;
  points.reserve(steps.size());
  for (const auto& step : steps) {
    points.push_back({.x = static_cast<double>(step.step), .y = step.*field});
  }
  return points;
}

std::vector<ChartPoint> points_of(const std::vector<ValidationReport>& validations,
                                  ValidationField field) {
  std::vector<ChartPoint> points;
  for (const auto& validation : validations) {
    points.push_back({.x = static_cast<double>(validation.step), .y = validation.*field});
  }
  return points;
}

/// Over a fiftieth of the run.
std::vector<ChartPoint> smoothed(const std::vector<ChartPoint>& points) {
  return smoothed(points, points.size() / 100);
}

std::string course(const std::vector<ChartPoint>& points) {
  if (points.empty()) return "no values yet";
  const auto step = [](const ChartPoint& point) {
    return short_number(point.y) + " at step " + std::to_string(std::llround(point.x));
  };
  return "from " + step(points.front()) + " to " + step(points.back());
}

std::string card(const ChartOptions& chart) {
  return "<div class=\"card\">" + svg_chart(chart) + "</div>\n";
}

std::string loss_chart(const RunHistory& history,
                       const std::string& title,
                       StepField field,
                       ValidationField held_out) {
  const auto raw = points_of(history.steps, field);
  const auto smooth = smoothed(raw);
  ChartOptions chart{.title = title, .description = course(smooth), .log = true};
  chart.series.push_back({.name = "", .style = "raw", .points = raw});
  const auto held = points_of(history.validations, held_out);
  chart.series.push_back(
      {.name = held.empty() ? "" : "training", .style = "smooth", .points = smooth});
  if (!held.empty()) {
    chart.description += "; held out " + course(held);
    chart.series.push_back({.name = "held out", .style = "held", .points = held, .markers = true});
  }
  return card(chart);
}

std::string loss_section(const RunHistory& history) {
  return "<h2>Losses</h2>\n<p>Weighted terms by step. Thin: as measured; thick: mean over a "
         "fiftieth "
         "of the run.</p>\n<div class=\"charts\">\n" +
         loss_chart(history, "total loss", &StepReport::loss, &ValidationReport::loss) +
         loss_chart(history, "content", &StepReport::content, &ValidationReport::content) +
         loss_chart(history, "style", &StepReport::style, &ValidationReport::style) +
         loss_chart(history, "total variation", &StepReport::tv, &ValidationReport::tv) +
         "</div>\n";
}

std::string plain_chart(const RunHistory& history,
                        StepField field,
                        bool noisy,
                        ChartOptions chart) {
  const auto raw = points_of(history.steps, field);
  const auto smooth = noisy ? smoothed(raw) : raw;
  chart.description = course(smooth);
  if (noisy) chart.series.push_back({.name = "", .style = "raw", .points = raw});
  chart.series.push_back({.name = "", .style = "smooth", .points = smooth});
  return card(chart);
}

std::string progress_section(const RunHistory& history) {
  return "<h2>Optimizer and speed</h2>\n<div class=\"charts\">\n" +
         plain_chart(history,
                     &StepReport::learning_rate,
                     /*noisy=*/false,
                     {.title = "learning rate", .from_zero = true}) +
         plain_chart(history,
                     &StepReport::gradient_norm,
                     /*noisy=*/true,
                     {.title = "gradient norm", .log = true}) +
         plain_chart(history,
                     &StepReport::pictures_per_second,
                     /*noisy=*/true,
                     {.title = "pictures/s", .from_zero = true}) +
         plain_chart(history,
                     &StepReport::loader_wait,
                     /*noisy=*/true,
                     {.title = "share of time waiting for pictures", .from_zero = true}) +
         "</div>\n";
}

// --- activity ---------------------------------------------------------------------------------

/// By layer, in the order of the last report.
std::vector<std::pair<std::string, std::vector<ChartPoint>>> activity_of(
    const RunHistory& history) {
  std::vector<std::pair<std::string, std::vector<ChartPoint>>> layers;
  if (history.activities.empty()) return layers;
  std::map<std::string, std::vector<ChartPoint>> points;
  for (const auto& report : history.activities) {
    for (const auto& [layer, share] : report.layers) {
      points[layer].push_back({.x = static_cast<double>(report.step), .y = share});
    }
  }
  for (const auto& entry : history.activities.back().layers) {
    layers.emplace_back(entry.layer, points.at(entry.layer));
  }
  return layers;
}

std::string activity_section(const RunHistory& history) {
  const auto layers = activity_of(history);
  if (layers.empty()) return "";
  std::string html =
      "<h2>Active units</h2>\n<p>Share of each activation layer's units above 0. The band is the "
      "healthy range, " +
      percent(kHealthyShareLow) + " to " + percent(kHealthyShareHigh) +
      "; the frame spans 0 to 100 %.</p>\n<div class=\"card scroll\"><table "
      "class=\"layers\"><thead><tr><th scope=\"col\">layer</th><th scope=\"col\">over "
      "time</th><th scope=\"col\">now</th><th></th></tr></thead>\n<tbody>\n";
  for (const auto& [layer, shares] : layers) {
    const double now = shares.back().y;
    const char* state = now <= kDeadShare         ? "bad\">mostly dead"
                        : now < kHealthyShareLow  ? "\">low"
                        : now > kHealthyShareHigh ? "\">high"
                                                  : "good\">healthy";
    html +=
        "<tr><th scope=\"row\">" + escape_html(layer) + "</th><td class=\"curve\">" +
        svg_sparkline(shares,
                      kHealthyShareLow,
                      kHealthyShareHigh,
                      layer + ": " + percent(shares.front().y) + " at first, now " + percent(now)) +
        "</td><td>" + percent(now) + "</td><td class=\"state " + state + "</td></tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

// --- the rest ---------------------------------------------------------------------------------

std::string fact(const std::string& name, const std::string& value, bool bad = false) {
  return std::string(bad ? "<div class=\"bad\">" : "<div>") + element("dt", name) +
         element("dd", value) + "</div>\n";
}

std::string facts_section(const RunHistory& history) {
  if (history.steps.empty()) return "<p>No steps yet.</p>\n";
  const StepReport& last = history.steps.back();
  const double done =
      last.total > 0 ? static_cast<double>(last.step) / static_cast<double>(last.total) : 0;
  std::string html = "<div class=\"progress\"><div style=\"width:" +
                     short_number(100 * std::clamp(done, 0.0, 1.0)) + "%\"></div></div>\n";
  html += "<dl class=\"facts\">\n";
  html += fact("step of " + std::to_string(last.total), std::to_string(last.step));
  html += last.step < last.total ? fact("left", duration(last.eta)) : fact("state", "finished");
  html +=
      fact("loss", short_number(smoothed(points_of(history.steps, &StepReport::loss)).back().y));
  if (!history.validations.empty()) {
    html += fact("held-out loss", short_number(history.validations.back().loss));
  }
  html += fact("pictures/s", short_number(last.pictures_per_second));
  html += fact("skipped steps", std::to_string(last.skipped_steps), last.skipped_steps > 0);
  html += fact("bad pictures", std::to_string(last.bad_pictures), last.bad_pictures > 0);
  return html + "</dl>\n";
}

std::string warnings(const RunHistory& history) {
  if (history.activities.empty()) return "";
  const auto& latest = history.activities.back();
  std::string dead;
  for (const auto& [layer, share] : latest.layers) {
    if (share > kDeadShare) continue;
    dead += (dead.empty() ? "" : ", ") + layer + " (" + percent(share) + ")";
  }
  if (dead.empty()) return "";
  return "<div class=\"warning\" role=\"note\"><strong>Mostly dead at step " +
         std::to_string(latest.step) + ":</strong> " + escape_html(dead) +
         ". So few units of these layers are active that little comes through and little is "
         "learned there. Try a lower learning rate, a longer warm-up or another "
         "activation.</div>\n";
}

std::string cell(double value) { return element("td", short_number(value)); }

std::string header_row(const std::vector<std::string>& names) {
  std::string html = "<thead><tr>";
  for (const auto& name : names) html += "<th scope=\"col\">" + escape_html(name) + "</th>";
  return html + "</tr></thead>\n";
}

std::string row_header(std::int64_t step) {
  return "<tr><th scope=\"row\">" + std::to_string(step) + "</th>";
}

std::string number_section(const RunHistory& history) {
  std::string html = "<h2>Numbers</h2>\n<div class=\"card scroll\"><table>" +
                     header_row({"step",
                                 "content",
                                 "style",
                                 "total variation",
                                 "loss",
                                 "learning rate",
                                 "gradient norm",
                                 "pictures/s"}) +
                     "<tbody>\n";
  for (const std::size_t i : evenly_spread(history.steps.size(), kTableRows)) {
    const StepReport& step = history.steps[i];
    html += row_header(step.step) + cell(step.content) + cell(step.style) + cell(step.tv) +
            cell(step.loss) + cell(step.learning_rate) + cell(step.gradient_norm) +
            cell(step.pictures_per_second) + "</tr>\n";
  }
  html += "</tbody></table></div>\n";
  if (history.validations.empty()) return html;
  html += "<h2>Held-out losses</h2>\n<div class=\"card scroll\"><table>" +
          header_row({"step", "content", "style", "total variation", "loss"}) + "<tbody>\n";
  for (const std::size_t i : evenly_spread(history.validations.size(), kTableRows)) {
    const ValidationReport& held = history.validations[i];
    html += row_header(held.step) + cell(held.content) + cell(held.style) + cell(held.tv) +
            cell(held.loss) + "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string config_section(const std::string& config) {
  if (config.empty()) return "";
  return "<h2>Config</h2>\n<details class=\"card\"><summary>Every setting of the run</summary>" +
         element("pre", config) + "</details>\n";
}

}  // namespace

std::string run_report_html(const RunReport& report) {
  const RunHistory& history = report.history;
  const std::string description =
      report.description.empty() ? "" : element("p", report.description) + "\n";
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
         "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
         element("title", report.title + " - training") + "\n<style>" + kRunReportStyle +
         "</style>\n</head>\n<body>\n<header>\n" + element("h1", report.title) + description +
         "</header>\n<main>\n" + facts_section(history) + warnings(history) +
         sample_section(report) + loss_section(history) + progress_section(history) +
         activity_section(history) + number_section(history) + config_section(report.config) +
         "</main>\n</body>\n</html>\n";
}

void write_run_report(const std::filesystem::path& path, const RunReport& report) {
  write_file_atomically(path, run_report_html(report));
}

}  // namespace impasto
