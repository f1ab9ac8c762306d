#include "impasto/base/evaluate_config.h"

#include <algorithm>
#include <sstream>

#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"
#include "impasto/base/field_docs.h"

namespace impasto {
namespace {

constexpr Bounds kPhotoSide = {.min = 32, .max = 4096};
constexpr Bounds kPaintingSide = {.min = 32, .max = 8192};

}  // namespace

Fields fields_of(EvaluateConfig& config) {
  return {
      {.name = "model", .target = &config.model, .text = "Style model file."},
      {.name = "photos",
       .target = &config.photos,
       .text = "Folder with the photos, searched with all its subfolders. Photos that the model "
               "was not trained on tell more."},
      {.name = "style", .target = &config.style, .text = "The painting that the model has learnt."},
      {.name = "style_name",
       .target = &config.style_name,
       .text = "Which of the model's styles that painting is; empty: the first."},
      {.name = "image_size",
       .target = &config.image_size,
       .text = "Side in pixels of the square in the middle of each photo; the model's training "
               "gives it where nothing else does.",
       .bounds = kPhotoSide},
      {.name = "style_size",
       .target = &config.style_size,
       .text = "Short side in pixels that the painting is scaled to; from the model's training "
               "likewise.",
       .bounds = kPaintingSide},
      {.name = "loss",
       .target = fields_of(config.loss),
       .text = "How pictures are scored; from the model's training likewise, but for the network's "
               "file."},
      {.name = "lbfgs",
       .target = &config.lbfgs,
       .text = "Numbers of loss evaluations after which L-BFGS, started from each photo, is "
               "compared with the model; none: no comparison.",
       .form = {.pattern = "none|[1-9][0-9]{0,5}(,[1-9][0-9]{0,5})*",
                .words = "numbers of loss evaluations such as '25,50,100', or 'none'"}},
      {.name = "lbfgs_long",
       .target = &config.lbfgs_long,
       .text = "Loss evaluations on the first few photos, where they are to be more; 0: no more.",
       .bounds = {.min = 0, .max = 1'000'000}},
      {.name = "long_photos",
       .target = &config.long_photos,
       .text = "How many photos lbfgs_long is for.",
       .bounds = {.min = 1, .max = 1'000'000}},
      {.name = "cache",
       .target = &config.cache,
       .text = "Folder that keeps what L-BFGS came to, so that it is computed once; empty: nothing "
               "is kept."},
      device_field(config.device),
      threads_field(config.threads),
  };
}

std::vector<std::int64_t> EvaluateConfig::lbfgs_evaluations() const {
  std::vector<std::int64_t> numbers;
  if (lbfgs == "none") return numbers;
  std::istringstream stream(lbfgs);
  for (std::string number; std::getline(stream, number, ',');) {
    numbers.push_back(std::stoll(number));
  }
  return numbers;
}

void EvaluateConfig::validate() const {
  EvaluateConfig copy = *this;
  check_fields(fields_of(copy));
  check_combinations(loss);
  require_fixed_style_weight(loss);
  const auto numbers = lbfgs_evaluations();
  if (std::ranges::adjacent_find(numbers, std::greater_equal()) != numbers.end()) {
    throw ConfigError("lbfgs: expected rising numbers, found '" + lbfgs + "'");
  }
  if (lbfgs_long == 0) return;
  if (numbers.empty()) {
    throw ConfigError("lbfgs_long: expected 0 where lbfgs is 'none', found " +
                      std::to_string(lbfgs_long));
  }
  if (lbfgs_long <= numbers.back()) {
    throw ConfigError("lbfgs_long: expected more than the " + std::to_string(numbers.back()) +
                      " of lbfgs, or 0, found " + std::to_string(lbfgs_long));
  }
}

void take_training_settings(EvaluateConfig& config,
                            const std::string& training_config,
                            const std::string& where) {
  // No more of it than is needed: a model outlives keys of training that have nothing to do with
  // its scores.
  const Json json = parse_json(training_config, where);
  const auto section = [&](const char* name) {
    return json.is_object() && json.contains(name) && json[name].is_object() ? json[name]
                                                                             : Json::object();
  };
  const auto read = [&](const Fields& fields, const Json& values, const std::string& name) {
    read_fields(fields, to_text(values, where), {.where = where + ": " + name, .folder = {}});
  };
  const auto read_side = [&](const char* name, int& side, const Bounds& bounds) {
    const Json values = section(name);
    if (!values.contains("image_size")) return;
    read({{.name = "image_size", .target = &side, .text = {}, .bounds = bounds}},
         {{"image_size", values["image_size"]}},
         name);
  };
  read_side("data", config.image_size, kPhotoSide);
  read_side("style", config.style_size, kPaintingSide);
  Json loss = section("loss");
  loss.erase("network");
  read(fields_of(config.loss), loss, "loss");
}

EvaluateConfig load_evaluate_config(const std::filesystem::path& file,
                                    const std::vector<std::string>& overrides,
                                    const EvaluateConfig& start) {
  EvaluateConfig config = start;
  read_config(fields_of(config), file, overrides);
  return config;
}

EvaluateConfig default_evaluate_config(const std::vector<std::string>& overrides,
                                       const EvaluateConfig& start) {
  EvaluateConfig config = start;
  const Fields fields = fields_of(config);
  for (const std::string& text : overrides) apply_override(fields, text);
  make_paths_absolute(fields);
  return config;
}

std::string to_json(const EvaluateConfig& config) {
  EvaluateConfig copy = config;
  return to_text(write_fields(fields_of(copy)), "evaluation config", 2) + "\n";
}

std::string evaluate_config_schema() {
  EvaluateConfig config;
  return schema_text(fields_of(config), "Impasto evaluation config");
}

std::string evaluate_config_help() {
  EvaluateConfig config;
  return help_text(fields_of(config));
}

}  // namespace impasto
