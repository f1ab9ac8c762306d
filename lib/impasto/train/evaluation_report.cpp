#include "impasto/train/evaluation_report.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "impasto/base/error.h"
#include "impasto/train/evaluation_text.h"

namespace impasto {
namespace {

using Json = nlohmann::ordered_json;

// "12", "3.4"
std::string count_text(double evaluations) {
  return formatted(evaluations < 10 ? "%.1f" : "%.0f", evaluations);
}

const LossValues& after(const PhotoScore& score, std::int64_t evaluations) {
  return score.lbfgs.at(static_cast<std::size_t>(evaluations - 1));
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
  std::string line = formatted("%-*s  %9s %9s %9s %9s  %9s",
                               static_cast<int>(width),
                               short_name(score.name).c_str(),
                               loss_text(model.content).c_str(),
                               loss_text(model.style).c_str(),
                               loss_text(model.tv).c_str(),
                               loss_text(model.total).c_str(),
                               loss_text(score.photo.total).c_str());
  if (evaluation.comparisons.empty()) return line + "\n";
  line += " ";
  for (const std::int64_t count : evaluation.comparisons) {
    line += formatted(" %9s", loss_text(after(score, count).total).c_str());
  }
  return line + formatted("  %8s\n", short_placement(score.lbfgs, model.total).c_str());
}

std::string table_head(const Evaluation& evaluation, std::size_t width) {
  std::string groups = formatted("%-*s  %-39s  %9s", static_cast<int>(width), "", "model", "photo");
  std::string columns = formatted("%-*s  %9s %9s %9s %9s  %9s",
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
    columns += formatted(" %9lld", static_cast<long long>(count));
  }
  return groups + "\n" + columns + "  as good as\n";
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
  const PhotoScore mean = mean_score(evaluation.photos, evaluation.evaluations_on_all());
  std::size_t width = mean.name.size();
  for (const auto& score : evaluation.photos)
    width = std::max(width, short_name(score.name).size());

  std::string table = table_head(evaluation, width);
  for (const auto& score : evaluation.photos) table += table_line(score, evaluation, width);
  table += table_line(mean, evaluation, width);
  table += "\n" + evaluation.style + ": mean loss " + loss_text(mean.model.total) + " on " +
           photos_text(evaluation.photos.size()) + " at " + std::to_string(evaluation.image_size) +
           "x" + std::to_string(evaluation.image_size);
  if (evaluation.comparisons.empty()) return table + "\n";
  table += ": " + placement_text(mean.lbfgs, mean.model.total) + "\n";
  if (!evaluation.has_long()) return table;
  const PhotoScore longer = mean_score(evaluation.photos, evaluation.long_evaluations);
  const auto count = std::ranges::count_if(evaluation.photos, [&](const PhotoScore& score) {
    return score.lbfgs.size() >= static_cast<std::size_t>(evaluation.long_evaluations);
  });
  return table + "on the first " + photos_text(static_cast<std::size_t>(count)) + ", with " +
         std::to_string(evaluation.long_evaluations) + " evaluations (" +
         loss_text(longer.lbfgs.back().total) + "): " + loss_text(longer.model.total) + ", " +
         placement_text(longer.lbfgs, longer.model.total) + "\n";
}

std::string to_json(const Evaluation& evaluation) {
  const PhotoScore mean = mean_score(evaluation.photos, evaluation.evaluations_on_all());
  const LossConfig& loss = evaluation.loss;
  Json json = {
      {"style", evaluation.style},
      {"image_size", evaluation.image_size},
      {"loss",
       {{"network", evaluation.loss_network},
        {"pooling", loss.pooling == Pooling::kMax ? "max" : "average"},
        {"padding", loss.padding == Padding::kZero ? "zero" : "reflect"},
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
  if (evaluation.has_long()) {
    const PhotoScore longer = mean_score(evaluation.photos, evaluation.long_evaluations);
    json["long"] = {{"evaluations", evaluation.long_evaluations},
                    {"model", terms(longer.model)},
                    {"as_good_as", match_json(longer)},
                    {"lbfgs_course", course_json(longer)}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace impasto
