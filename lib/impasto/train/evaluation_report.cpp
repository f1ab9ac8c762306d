#include "impasto/train/evaluation_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "impasto/base/error.h"

namespace impasto {
namespace {

using Json = nlohmann::ordered_json;

std::string format(const char* pattern, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

std::string number(double value) { return format("%.4g", value); }

// "12", "3.4"
std::string count_text(double evaluations) {
  return format(evaluations < 10 ? "%.1f" : "%.0f", evaluations);
}

const LossValues& after(const PhotoScore& score, std::int64_t evaluations) {
  return score.lbfgs.at(static_cast<std::size_t>(evaluations - 1));
}

std::int64_t evaluations_on_all(const Evaluation& evaluation) {
  return evaluation.comparisons.empty() ? 0 : evaluation.comparisons.back();
}

bool has_long(const Evaluation& evaluation) {
  return evaluation.long_evaluations > evaluations_on_all(evaluation);
}

// Names as wide as their longest, but no wider than leaves room for the numbers.
constexpr std::size_t kLongestName = 32;

std::string short_name(const std::string& name) {
  const std::string file = std::filesystem::path(name).filename().string();
  return file.size() <= kLongestName ? file : file.substr(0, kLongestName - 3) + "...";
}

// Of a column of the table.
std::string short_placement(const std::vector<LossValues>& lbfgs, double total) {
  if (total > lbfgs.front().total) return "< 1";
  const auto match = matching_evaluations(lbfgs, total);
  return match ? count_text(*match) : "> " + std::to_string(lbfgs.size());
}

std::string table_line(const PhotoScore& score, const Evaluation& evaluation, std::size_t width) {
  const LossValues& model = score.model;
  std::string line = format("%-*s  %9s %9s %9s %9s  %9s",
                            static_cast<int>(width),
                            short_name(score.name).c_str(),
                            number(model.content).c_str(),
                            number(model.style).c_str(),
                            number(model.tv).c_str(),
                            number(model.total).c_str(),
                            number(score.photo.total).c_str());
  if (evaluation.comparisons.empty()) return line + "\n";
  line += " ";
  for (const std::int64_t count : evaluation.comparisons) {
    line += format(" %9s", number(after(score, count).total).c_str());
  }
  return line + format("  %8s\n", short_placement(score.lbfgs, model.total).c_str());
}

std::string table_head(const Evaluation& evaluation, std::size_t width) {
  std::string groups = format("%-*s  %-39s  %9s", static_cast<int>(width), "", "model", "photo");
  std::string columns = format("%-*s  %9s %9s %9s %9s  %9s",
                               static_cast<int>(width),
                               "",
                               "content",
                               "style",
                               "tv",
                               "total",
                               "total");
  if (evaluation.comparisons.empty()) return groups + "\n" + columns + "\n";
  groups += "   L-BFGS, total after evaluations";
  columns += " ";
  for (const std::int64_t count : evaluation.comparisons) {
    columns += format(" %9lld", static_cast<long long>(count));
  }
  return groups + "\n" + columns + "  as good as\n";
}

std::string photos_text(std::size_t count) {
  return count == 1 ? "1 photo" : std::to_string(count) + " photos";
}

Json terms(const LossValues& loss) {
  return {{"content", loss.content}, {"style", loss.style}, {"tv", loss.tv}, {"total", loss.total}};
}

// null where L-BFGS does not get there.
Json match_json(const PhotoScore& score) {
  const auto match = matching_evaluations(score.lbfgs, score.model.total);
  return match ? Json(*match) : Json();
}

Json score_json(const PhotoScore& score, const std::vector<std::int64_t>& comparisons) {
  Json json = {{"photo", terms(score.photo)}, {"model", terms(score.model)}};
  if (comparisons.empty()) return json;
  for (const std::int64_t count : comparisons) {
    json["lbfgs"][std::to_string(count)] = terms(after(score, count));
  }
  json["as_good_as"] = match_json(score);
  return json;
}

Json course_json(const PhotoScore& score) {
  Json course = Json::array();
  for (const LossValues& loss : score.lbfgs) course.push_back(loss.total);
  return course;
}

// --- the plot ---------------------------------------------------------------------------------

constexpr double kWidth = 720;
constexpr double kHeight = 440;
constexpr double kLeft = 72;
constexpr double kRight = 24;
constexpr double kTop = 48;
constexpr double kBottom = 56;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// Evaluations from left to right, losses on a logarithmic scale upwards.
class Axes {
 public:
  Axes(double evaluations, double lowest, double highest)
      : evaluations_(evaluations), low_(std::log10(lowest)), high_(std::log10(highest)) {}

  double x(double evaluation) const {
    return kLeft + (kWidth - kLeft - kRight) * evaluation / evaluations_;
  }
  double y(double loss) const {
    return kTop + (kHeight - kTop - kBottom) * (high_ - std::log10(loss)) / (high_ - low_);
  }

  // 1, 2 and 5 times powers of ten within the range.
  std::vector<double> loss_ticks() const {
    std::vector<double> ticks;
    for (double power = std::floor(low_); power <= high_; ++power) {
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double tick = digit * std::pow(10.0, power);
        if (std::log10(tick) >= low_ && std::log10(tick) <= high_) ticks.push_back(tick);
      }
    }
    return ticks;
  }

  // About eight round numbers.
  std::vector<double> evaluation_ticks() const {
    const double power = std::pow(10.0, std::floor(std::log10(evaluations_ / 8)));
    const double ratio = evaluations_ / 8 / power;
    const double step = std::max(1.0,
                                 power * (ratio <= 1   ? 1
                                          : ratio <= 2 ? 2
                                          : ratio <= 5 ? 5
                                                       : 10));
    std::vector<double> ticks;
    for (double tick = 0; tick <= evaluations_; tick += step) ticks.push_back(tick);
    return ticks;
  }

 private:
  double evaluations_;
  double low_;
  double high_;
};

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
  return format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" ", x1, y1, x2, y2) + style +
         "/>\n";
}

std::string text(double x, double y, const std::string& anchor, const std::string& content) {
  return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor.c_str()) +
         escaped(content) + "</text>\n";
}

std::string frame(const Axes& axes) {
  const std::string grid = "stroke=\"#ddd\"";
  std::string svg;
  for (const double tick : axes.loss_ticks()) {
    svg += line(kLeft, axes.y(tick), kWidth - kRight, axes.y(tick), grid);
    svg += text(kLeft - 8, axes.y(tick) + 4, "end", number(tick));
  }
  for (const double tick : axes.evaluation_ticks()) {
    svg += line(axes.x(tick), kTop, axes.x(tick), kHeight - kBottom, grid);
    svg += text(axes.x(tick), kHeight - kBottom + 18, "middle", number(tick));
  }
  svg += text((kLeft + kWidth - kRight) / 2,
              kHeight - 14,
              "middle",
              "evaluations of the loss by L-BFGS, started from the photo");
  svg += format("<text transform=\"translate(18 %.1f) rotate(-90)\" text-anchor=\"middle\">",
                (kTop + kHeight - kBottom) / 2) +
         "mean total loss</text>\n";
  return svg;
}

std::string curve(const Axes& axes, const PhotoScore& mean, const std::string& style) {
  std::string points;
  for (std::size_t i = 0; i < mean.lbfgs.size(); ++i) {
    points += format("%.1f,%.1f ", axes.x(static_cast<double>(i + 1)), axes.y(mean.lbfgs[i].total));
  }
  points.pop_back();
  return "<polyline fill=\"none\" stroke-width=\"2\" " + style + " points=\"" + points + "\"/>\n";
}

}  // namespace

std::string placement_text(const std::vector<LossValues>& lbfgs, double total) {
  if (lbfgs.empty()) throw ConfigError("placement: expected a course of L-BFGS, found none");
  if (total > lbfgs.front().total) return "worse than the photos themselves";
  const auto match = matching_evaluations(lbfgs, total);
  return (match ? "as good as " + count_text(*match)
                : "better than " + std::to_string(lbfgs.size())) +
         " evaluations of L-BFGS";
}

std::string evaluation_table(const Evaluation& evaluation) {
  const PhotoScore mean = mean_score(evaluation.photos, evaluations_on_all(evaluation));
  std::size_t width = mean.name.size();
  for (const auto& score : evaluation.photos)
    width = std::max(width, short_name(score.name).size());

  std::string table = table_head(evaluation, width);
  for (const auto& score : evaluation.photos) table += table_line(score, evaluation, width);
  table += table_line(mean, evaluation, width);
  table += "\n" + evaluation.style + ": mean loss " + number(mean.model.total) + " on " +
           photos_text(evaluation.photos.size()) + " at " + std::to_string(evaluation.image_size) +
           "x" + std::to_string(evaluation.image_size);
  if (evaluation.comparisons.empty()) return table + "\n";
  table += ": " + placement_text(mean.lbfgs, mean.model.total) + "\n";
  if (!has_long(evaluation)) return table;
  const PhotoScore longer = mean_score(evaluation.photos, evaluation.long_evaluations);
  const auto count = std::ranges::count_if(evaluation.photos, [&](const PhotoScore& score) {
    return score.lbfgs.size() >= static_cast<std::size_t>(evaluation.long_evaluations);
  });
  return table + "on the first " + photos_text(static_cast<std::size_t>(count)) + ", with " +
         std::to_string(evaluation.long_evaluations) + " evaluations (" +
         number(longer.lbfgs.back().total) + "): " + number(longer.model.total) + ", " +
         placement_text(longer.lbfgs, longer.model.total) + "\n";
}

std::string to_json(const Evaluation& evaluation) {
  const PhotoScore mean = mean_score(evaluation.photos, evaluations_on_all(evaluation));
  const LossConfig& loss = evaluation.loss;
  Json json = {
      {"style", evaluation.style},
      {"image_size", evaluation.image_size},
      {"loss",
       {{"network", evaluation.loss_network},
        {"pooling", loss.pooling == Pooling::kMax ? "max" : "average"},
        {"content", loss.content},
        {"style", loss.style},
        {"content_weight", loss.content_weight},
        {"style_weight", loss.style_weight},
        {"tv_weight", loss.tv_weight},
        {"tv_kind", loss.tv_kind == TvKind::kAbsolute ? "absolute" : "squared"},
        {"normalise_features", loss.normalise_features},
        {"scales", evaluation.scales},
        {"scales_from_model", evaluation.scales_from_model}}},
      {"mean", score_json(mean, evaluation.comparisons)},
      {"photos", Json::array()},
  };
  for (const auto& score : evaluation.photos) {
    Json photo = {{"name", std::filesystem::path(score.name).filename().string()}};
    photo.update(score_json(score, evaluation.comparisons));
    json["photos"].push_back(photo);
  }
  if (!evaluation.comparisons.empty()) json["mean"]["lbfgs_course"] = course_json(mean);
  if (has_long(evaluation)) {
    const PhotoScore longer = mean_score(evaluation.photos, evaluation.long_evaluations);
    json["long"] = {{"evaluations", evaluation.long_evaluations},
                    {"model", terms(longer.model)},
                    {"as_good_as", match_json(longer)},
                    {"lbfgs_course", course_json(longer)}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string evaluation_svg(const Evaluation& evaluation, const std::string& title) {
  if (evaluation.comparisons.empty()) {
    throw ConfigError("plot: expected a comparison with L-BFGS, found lbfgs 'none'");
  }
  const PhotoScore mean = mean_score(evaluation.photos, evaluations_on_all(evaluation));
  const bool two = has_long(evaluation);
  const PhotoScore longer =
      two ? mean_score(evaluation.photos, evaluation.long_evaluations) : PhotoScore();
  const double model = mean.model.total;
  double lowest = std::min(model, mean.lbfgs.back().total);
  double highest = std::max(model, mean.photo.total);
  if (two) {
    lowest = std::min(lowest, longer.lbfgs.back().total);
    highest = std::max(highest, longer.photo.total);
  }
  const auto count = static_cast<double>(two ? longer.lbfgs.size() : mean.lbfgs.size());
  const Axes axes(count, lowest / 1.15, highest * 1.15);

  std::string svg = format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
      "font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
      kWidth,
      kHeight);
  svg += frame(axes);
  svg += "<g font-size=\"15\">" + text(kLeft, 26, "start", title) + "</g>\n";

  const double right = kWidth - kRight;
  svg += line(kLeft,
              axes.y(mean.photo.total),
              right,
              axes.y(mean.photo.total),
              "stroke=\"#888\" stroke-dasharray=\"4 4\"");
  svg += text(right - 4, axes.y(mean.photo.total) - 6, "end", "the photos themselves");
  if (two) svg += curve(axes, longer, "stroke=\"#9ecae1\"");
  svg += curve(axes, mean, "stroke=\"#1f77b4\"");
  svg += line(kLeft, axes.y(model), right, axes.y(model), "stroke=\"#d62728\" stroke-width=\"2\"");
  svg += text(right - 4,
              axes.y(model) - 6,
              "end",
              "the model: " + number(model) + ", " + placement_text(mean.lbfgs, model));
  if (const auto match = matching_evaluations(mean.lbfgs, model); match && *match >= 1) {
    svg += format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#d62728\"/>\n",
                  axes.x(*match),
                  axes.y(model));
  }
  svg += "<g fill=\"#1f77b4\">" +
         text(kLeft + 12,
              kHeight - kBottom - 12,
              "start",
              "L-BFGS, mean over " + photos_text(evaluation.photos.size())) +
         "</g>\n";
  if (two) {
    svg += "<g fill=\"#6baed6\">" +
           text(kLeft + 12,
                kHeight - kBottom - 28,
                "start",
                "L-BFGS, the first photos, " + std::to_string(evaluation.long_evaluations) +
                    " evaluations") +
           "</g>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace impasto
