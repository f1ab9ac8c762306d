#include "impasto/base/train_config.h"

#include <set>

#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"
#include "impasto/base/field_docs.h"

namespace impasto {
namespace {

void check_init(const InitConfig& init, const GeneratorConfig& generator) {
  if (!init.add_styles) return;
  if (init.from.empty()) {
    throw ConfigError("init.add_styles: expected a model in init.from to add them to, found none");
  }
  if (generator.norm != Norm::kConditionalInstance) {
    throw ConfigError(
        "init.add_styles: expected a model with generator.norm 'conditional_instance', which keeps "
        "a scale and shift for each style");
  }
}

void check_styles(const StyleConfig& style, const GeneratorConfig& generator, bool added) {
  const std::string count = std::to_string(style.images.size());
  if (!style.names.empty() && style.names.size() != style.images.size()) {
    throw ConfigError("style.names: expected " + count + ", one for each of style.images, found " +
                      std::to_string(style.names.size()));
  }
  std::set<std::string> seen;
  for (const std::string& name : style.effective_names()) {
    if (!seen.insert(name).second) {
      throw ConfigError(style.names.empty()
                            ? "style.images: two files are called '" + name +
                                  "', give style.names to tell them apart"
                            : "style.names: expected different names, found '" + name + "' twice");
    }
  }
  if (style.images.size() > 1 && generator.norm != Norm::kConditionalInstance) {
    throw ConfigError("generator.norm: expected 'conditional_instance' for the " + count +
                      " pictures of style.images");
  }
  const auto styles = static_cast<std::size_t>(generator.styles);
  if (added && styles <= style.images.size()) {
    throw ConfigError("generator.styles: expected more than the " + count +
                      " added to the model's own, found " + std::to_string(generator.styles));
  }
  if (!added && styles != style.images.size()) {
    throw ConfigError("generator.styles: expected " + count +
                      ", one for each of style.images, found " + std::to_string(generator.styles));
  }
}

void check_schedule(const ScheduleConfig& schedule) {
  if (schedule.steps == 0 && schedule.epochs == 0) {
    throw ConfigError("schedule: expected steps or epochs above 0, found both 0");
  }
  if (schedule.steps > 0 && schedule.warmup_steps >= schedule.steps) {
    throw ConfigError("schedule.warmup_steps: expected fewer than the " +
                      std::to_string(schedule.steps) + " of schedule.steps, found " +
                      std::to_string(schedule.warmup_steps));
  }
}

// Where neither file nor overrides say.
int styles_of(const TrainConfig& config, const GeneratorConfig* initial) {
  const auto images = static_cast<int>(config.style.images.size());
  if (config.generator.norm != Norm::kConditionalInstance) return 1;
  return config.init.add_styles && initial != nullptr ? initial->styles + images : images;
}

void check_agrees(const TrainConfig& config, const GeneratorConfig& initial) {
  check_init(config.init, config.generator);
  GeneratorConfig expected = initial;
  GeneratorConfig found = config.generator;
  if (config.init.add_styles) expected.styles += static_cast<int>(config.style.images.size());
  expected.margin = found.margin;  // No tensor depends on it.
  for (const auto& difference : differences(fields_of(expected), fields_of(found))) {
    throw ConfigError("generator." + difference.path + ": expected " +
                      to_text(difference.before, difference.path) + " as in the model " +
                      config.init.from.string() + ", found " +
                      to_text(difference.after, difference.path));
  }
}

}  // namespace

std::vector<std::string> StyleConfig::effective_names() const {
  if (!names.empty()) return names;
  std::vector<std::string> stems;
  for (const auto& image : images) stems.push_back(image.stem().string());
  return stems;
}

void TrainConfig::validate() const {
  TrainConfig copy = *this;
  check_fields(fields_of(copy));
  check_styles(style, generator, init.add_styles);
  check_init(init, generator);
  check_combinations(generator, "generator.");
  check_combinations(loss);
  check_schedule(schedule);
}

TrainConfig load_train_config(const std::filesystem::path& file,
                              const std::vector<std::string>& overrides,
                              const GeneratorConfig* initial) {
  TrainConfig config;
  if (initial != nullptr) config.generator = *initial;
  config.generator.styles = 0;  // not given: no file or override can say 0
  read_config(fields_of(config), file, overrides);
  if (config.generator.styles == 0) config.generator.styles = styles_of(config, initial);
  try {
    if (initial != nullptr) check_agrees(config, *initial);
    config.validate();
  } catch (const ConfigError& error) {
    throw ConfigError(file.string() + ": " + error.what());
  }
  return config;
}

TrainConfig train_config_from_json(const std::string& text, const std::string& where) {
  TrainConfig config;
  read_fields(fields_of(config), text, {where, std::filesystem::current_path()});
  try {
    config.validate();
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
  return config;
}

std::vector<ConfigChange> config_changes(const TrainConfig& before, const TrainConfig& after) {
  TrainConfig old_copy = before;
  TrainConfig new_copy = after;
  make_paths_absolute(fields_of(old_copy));
  make_paths_absolute(fields_of(new_copy));
  std::vector<ConfigChange> changes;
  for (const auto& difference : differences(fields_of(old_copy), fields_of(new_copy))) {
    changes.push_back({difference.path,
                       to_text(difference.before, difference.path),
                       to_text(difference.after, difference.path),
                       difference.resumable});
  }
  return changes;
}

std::string to_json(const TrainConfig& config) {
  TrainConfig copy = config;
  return to_text(write_fields(fields_of(copy)), "training config", 2) + "\n";
}

std::string train_config_schema() {
  TrainConfig config;
  return schema_text(fields_of(config), "Impasto training config");
}

std::string train_config_help() {
  TrainConfig config;
  return help_text(fields_of(config));
}

}  // namespace impasto
