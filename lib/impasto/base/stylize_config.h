#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "impasto/base/train_config.h"

namespace impasto {

/// What the program `stylize` does with a picture; its flags override the file.
struct StylizeConfig {
  /// Picture files, or folders of them, with all below them.
  std::vector<std::filesystem::path> input = {};
  /// File to write for one picture; a folder for several.
  std::filesystem::path output = {};
  /// `png`, `jpg`, `webp`, `tif`, `ppm` or `bmp` in an output folder; empty: the input's.
  std::string format = {};
  bool skip_existing = false;        ///< Leave out pictures whose result is there already.
  std::filesystem::path model = {};  ///< Style model file.
  std::string style = {};            ///< Name of one of the model's styles; empty: the first.
  std::string device = "auto";       ///< `auto`, `cpu`, `cuda` or `cuda:N`.
  std::string backend = "auto";      ///< `auto`, `engine` or `torch`.
  Precision precision = Precision::kAuto;
  int threads = 0;   ///< Compute threads; 0: one a core.
  int max_side = 0;  ///< Pictures whose long side is above this are scaled down first; 0: never.
  bool compare = false;     ///< Write the photo and the result side by side.
  int jpeg_quality = 95;    ///< 1 to 100.
  int webp_quality = 90;    ///< 1 to 100; 101 is lossless.
  int png_compression = 3;  ///< 0 to 9.

  /// Throws ConfigError that names the field, for values out of range.
  void validate() const;

  bool operator==(const StylizeConfig&) const = default;
};

/// Reads a JSON config and applies `overrides`, with the rules of load_train_config.
StylizeConfig load_stylize_config(const std::filesystem::path& file,
                                  const std::vector<std::string>& overrides = {});

/// The defaults with `overrides` applied: the case of no file.
StylizeConfig default_stylize_config(const std::vector<std::string>& overrides = {});

/// As for TrainConfig.
std::string to_json(const StylizeConfig& config);
std::string stylize_config_schema();
std::string stylize_config_help();

}  // namespace impasto
