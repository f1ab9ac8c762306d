#include "impasto/base/optimize_config.h"

#include "impasto/base/config_fields.h"
#include "impasto/base/field_docs.h"

namespace impasto {

Fields fields_of(OptimizeConfig& config) {
  return {
      {.name = "style", .target = &config.style, .text = "The painting."},
      {.name = "style_size",
       .target = &config.style_size,
       .text =
           "Short side in pixels that the painting is scaled to; it decides how large its strokes "
           "come out. 0: the photo's short side.",
       .bounds = {.min = 0, .max = 8192}},
      {.name = "max_side",
       .target = &config.max_side,
       .text = "Photos whose long side is above this many pixels are scaled down first; 0: never.",
       .bounds = {.min = 0, .max = 1'000'000}},
      {.name = "init",
       .target = choice(config.init, {"content", "noise"}),
       .text = "What the picture is before the first step: the photo, or noise."},
      {.name = "optimizer",
       .target = choice(config.optimizer, {"lbfgs", "adam"}),
       .text = "L-BFGS with a line search, or Adam."},
      {.name = "iterations",
       .target = &config.iterations,
       .text =
           "How often the loss and its gradient are computed, at each level; that is what takes "
           "the time. A step of L-BFGS takes one, sometimes a few; one of Adam takes one.",
       .bounds = {.min = 1, .max = 1'000'000}},
      {.name = "levels",
       .target = &config.levels,
       .text =
           "Coarse to fine: the picture is painted at this many sizes, each twice the one before, "
           "and starts from what the one before has come to. More makes larger shapes.",
       .bounds = {.min = 1, .max = 8}},
      {.name = "history",
       .target = &config.history,
       .text = "L-BFGS: steps that it remembers, each of which takes the memory of two pictures.",
       .bounds = {.min = 1, .max = 1000}},
      {.name = "learning_rate",
       .target = &config.learning_rate,
       .text = "Adam: how far a pixel value, from 0 to 255, moves in a step.",
       .bounds = {.min = 0, .above_min = true, .max = 255}},
      {.name = "seed",
       .target = &config.seed,
       .text = "Seed of the noise.",
       .bounds = {.min = 0, .max = 0x1p53 - 1}},
      {.name = "loss", .target = fields_of(config.loss), .text = "What is made small."},
      device_field(config.device),
      threads_field(config.threads),
  };
}

void OptimizeConfig::validate() const {
  OptimizeConfig copy = *this;
  check_fields(fields_of(copy));
  check_combinations(loss);
  require_fixed_style_weight(loss);
}

OptimizeConfig load_optimize_config(const std::filesystem::path& file,
                                    const std::vector<std::string>& overrides) {
  OptimizeConfig config;
  read_config(fields_of(config), file, overrides);
  return config;
}

OptimizeConfig default_optimize_config(const std::vector<std::string>& overrides) {
  OptimizeConfig config;
  const Fields fields = fields_of(config);
  for (const std::string& text : overrides) apply_override(fields, text);
  make_paths_absolute(fields);
  return config;
}

std::string to_json(const OptimizeConfig& config) {
  OptimizeConfig copy = config;
  return to_text(write_fields(fields_of(copy)), "optimizing config", 2) + "\n";
}

std::string optimize_config_schema() {
  OptimizeConfig config;
  return schema_text(fields_of(config), "Impasto optimizing config");
}

std::string optimize_config_help() {
  OptimizeConfig config;
  return help_text(fields_of(config));
}

}  // namespace impasto
