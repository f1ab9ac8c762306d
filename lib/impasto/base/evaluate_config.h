#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/train_config.h"

namespace impasto {

/// What the program `evaluate` does; its flags override the file.
struct EvaluateConfig {
  std::filesystem::path model = {};   ///< Style model file.
  std::filesystem::path photos = {};  ///< Folder tree of pictures.
  std::filesystem::path style = {};  ///< The painting that the model, or one of its styles, learnt.
  std::string style_name = {};       ///< Name of one of the model's styles; empty: the first.
  int image_size = 256;              ///< Side of the square that a photo is cropped and scaled to.
  int style_size = 384;              ///< Short side in pixels that the painting is scaled to.
  LossConfig loss = {};              ///< How pictures are scored: the loss of the training.
  std::string lbfgs = "25,50,100";   ///< Loss evaluations to compare with, rising; `none`.
  std::int64_t lbfgs_long = 0;       ///< As many on the first `long_photos`; 0: none.
  int long_photos = 4;               ///< How many photos `lbfgs_long` is for; at least 1.
  std::filesystem::path cache = {};  ///< Folder that keeps L-BFGS's results; empty: nothing kept.
  std::string device = "auto";       ///< `auto`, `cpu`, `cuda` or `cuda:N`.
  int threads = 0;                   ///< Compute threads; 0: one a core.

  /// The numbers of `lbfgs`; empty for `none`.
  std::vector<std::int64_t> lbfgs_evaluations() const;

  /// Throws ConfigError that names the field, for values out of range and combinations that make no
  /// sense.
  void validate() const;

  /// Whether all fields are equal.
  bool operator==(const EvaluateConfig&) const = default;
};

/// Takes losses and sizes from a training config's JSON text, such as a model's `training` holds
/// under `config`; all but the loss network's path, of which that has only the name. Throws
/// ConfigError or FormatError that starts with `where`.
void take_training_settings(EvaluateConfig& config,
                            const std::string& training_config,
                            const std::string& where);

/// Reads a JSON config over `start` and applies `overrides`, with the rules of load_train_config.
EvaluateConfig load_evaluate_config(const std::filesystem::path& file,
                                    const std::vector<std::string>& overrides = {},
                                    const EvaluateConfig& start = {});

/// `start` with `overrides` applied: the case of no file.
EvaluateConfig default_evaluate_config(const std::vector<std::string>& overrides = {},
                                       const EvaluateConfig& start = {});

/// Every field with its value, indented, as for TrainConfig.
std::string to_json(const EvaluateConfig& config);

/// JSON Schema (draft 2020-12) of the file, for editors.
std::string evaluate_config_schema();

/// A paragraph a field for `--help`: key, kind, what it is, range, default.
std::string evaluate_config_help();

}  // namespace impasto
