#include <algorithm>
#include <cmath>

#include "impasto/base/error.h"
#include "impasto/train/evaluation_report.h"
#include "impasto/train/evaluation_text.h"

namespace impasto {
namespace {

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
  return formatted("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" ", x1, y1, x2, y2) +
         style + "/>\n";
}

std::string text(double x, double y, const std::string& anchor, const std::string& content) {
  return formatted("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor.c_str()) +
         escaped(content) + "</text>\n";
}

std::string frame(const Axes& axes) {
  const std::string grid = "stroke=\"#ddd\"";
  std::string svg;
  for (const double tick : axes.loss_ticks()) {
    svg += line(kLeft, axes.y(tick), kWidth - kRight, axes.y(tick), grid);
    svg += text(kLeft - 8, axes.y(tick) + 4, "end", loss_text(tick));
  }
  for (const double tick : axes.evaluation_ticks()) {
    svg += line(axes.x(tick), kTop, axes.x(tick), kHeight - kBottom, grid);
    svg += text(axes.x(tick), kHeight - kBottom + 18, "middle", loss_text(tick));
  }
  svg += text((kLeft + kWidth - kRight) / 2,
              kHeight - 14,
              "middle",
              "evaluations of the loss by L-BFGS, started from the photo");
  svg += formatted("<text transform=\"translate(18 %.1f) rotate(-90)\" text-anchor=\"middle\">",
                   (kTop + kHeight - kBottom) / 2) +
         "mean total loss</text>\n";
  return svg;
}

std::string curve(const Axes& axes, const PhotoScore& mean, const std::string& style) {
  std::string points;
  for (std::size_t i = 0; i < mean.lbfgs.size(); ++i) {
    points +=
        formatted("%.1f,%.1f ", axes.x(static_cast<double>(i + 1)), axes.y(mean.lbfgs[i].total));
  }
  points.pop_back();
  return "<polyline fill=\"none\" stroke-width=\"2\" " + style + " points=\"" + points + "\"/>\n";
}

}  // namespace

std::string evaluation_svg(const Evaluation& evaluation, const std::string& title) {
  if (evaluation.comparisons.empty()) {
    throw ConfigError("plot: expected a comparison with L-BFGS, found lbfgs 'none'");
  }
  const PhotoScore mean = mean_score(evaluation.photos, evaluation.evaluations_on_all());
  const bool two = evaluation.has_long();
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

  std::string svg = formatted(
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
              "the model: " + loss_text(model) + ", " + placement_text(mean.lbfgs, model));
  if (const auto match = matching_evaluations(mean.lbfgs, model); match && *match >= 1) {
    svg += formatted("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#d62728\"/>\n",
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
