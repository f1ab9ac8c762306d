#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/train_config.h"

namespace impasto {

/// How the pixels are moved: `lbfgs`, limited-memory BFGS with a line search (Liu, Nocedal 1989),
/// or `adam` (Kingma, Ba 2015).
enum class DescentMethod { kLbfgs, kAdam };

/// What the pixels start as: the photo, or noise.
enum class DescentStart { kContent, kNoise };

/// What the program `optimize` does; its flags override the file.
struct OptimizeConfig {
  std::filesystem::path style = {};  ///< The painting.
  int style_size = 0;  ///< Short side in pixels that it is scaled to; 0: the photo's short side.
  int max_side = 512;  ///< Photos whose long side is above this are scaled down first; 0: never.
  DescentStart init = DescentStart::kContent;       ///< The photo, or noise.
  DescentMethod optimizer = DescentMethod::kLbfgs;  ///< What moves the pixels.
  std::int64_t iterations = 300;  ///< Evaluations of the loss and its gradient, at each level.
  int levels = 1;                 ///< Sizes, each twice the one before, the last the photo's own.
  int history = 100;              ///< L-BFGS: steps that the curvature is estimated from.
  double learning_rate = 2;       ///< Adam: change of a pixel value, of 255, in a step.
  std::int64_t seed = 42;         ///< Of the noise.
  /// Stronger than in training, where a network that has to do with every photo holds back: by
  /// itself a photo needs more to leave what it is, and smoothing against noise in single pixels.
  LossConfig loss = {.style_weight = 1e6, .tv_weight = 1e-2};
  std::string device = "auto";  ///< `auto`, `cpu`, `cuda` or `cuda:N`.
  int threads = 0;              ///< Compute threads; 0: one a core.

  /// Throws ConfigError that names the field, for values out of range and a loss without terms.
  void validate() const;

  /// Whether all fields are equal.
  bool operator==(const OptimizeConfig&) const = default;
};

/// Reads a JSON config and applies `overrides`, with the rules of load_train_config.
OptimizeConfig load_optimize_config(const std::filesystem::path& file,
                                    const std::vector<std::string>& overrides = {});

/// The defaults with `overrides` applied: the case of no file.
OptimizeConfig default_optimize_config(const std::vector<std::string>& overrides = {});

/// Every field with its value, indented, as for TrainConfig.
std::string to_json(const OptimizeConfig& config);

/// JSON Schema (draft 2020-12) of the file, for editors.
std::string optimize_config_schema();

/// A paragraph a field for `--help`: key, kind, what it is, range, default.
std::string optimize_config_help();

}  // namespace impasto
