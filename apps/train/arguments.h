#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/options.h"
#include "impasto/base/train_config.h"
#include "impasto/style/style_model.h"

namespace impasto::cli {

/// What a command line of `train` asks for.
struct Task {
  TrainConfig config = {};
  std::optional<StyleModel> initial = {};  ///< Of init.from, unless the run is resumed.
  bool resume = false;
  bool allow_changed_photos = false;
  bool auto_resume = false;  ///< Resume where there is a checkpoint, else begin.
  bool overwrite = false;
  bool dry_run = false;
};

cxxopts::Options train_options();

/// Options, examples, files, exit codes and config keys.
std::string help_text(const cxxopts::Options& options);

/// Reads the config and the model to start from. Throws UsageError, ConfigError, IoError or
/// FormatError.
Task read_task(const cxxopts::ParseResult& arguments);

}  // namespace impasto::cli
