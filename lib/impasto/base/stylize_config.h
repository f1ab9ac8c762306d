#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/train_config.h"

namespace impasto {

/// How films are encoded.
enum class VideoCodec {
  kAuto,   ///< H.264 where there is an encoder for it, else MJPEG; in .avi always MJPEG.
  kH264,   ///< An error where there is no encoder for it.
  kMjpeg,  ///< Larger files; every frame is a JPEG picture.
};

/// What the program `stylize` does with pictures and films; its flags override the file.
struct StylizeConfig {
  /// Picture and film files, or folders of pictures, with all below them.
  std::vector<std::filesystem::path> input = {};
  int camera = -1;  ///< Index of a camera that takes the place of `input`; -1: none.
  /// File to write for one picture or film; a folder for several.
  std::filesystem::path output = {};
  /// `png`, `jpg`, `webp`, `tif`, `ppm` or `bmp` in an output folder; empty: the input's.
  std::string format = {};
  bool frames = false;                         ///< Films become folders of numbered PNG files.
  VideoCodec video_codec = VideoCodec::kAuto;  ///< How films are encoded.
  bool temporal = false;                       ///< Reduce the flicker of films.
  double temporal_input = 0.2;                 ///< Share of the input before in the input, 0 to 1.
  double temporal_output = 0.65;     ///< Share of the result before in the result, 0 to 1.
  bool keep_metadata = false;        ///< Copy EXIF and XMP to the result.
  bool skip_existing = false;        ///< Leave out pictures whose result is there already.
  std::filesystem::path model = {};  ///< Style model file; a folder of them for `style_grid`.
  /// A style of the model by its name, or a mix: `a=0.7,b=0.3`; empty: the first.
  std::string style = {};
  double strength = 1;          ///< Share of the style, 0 to 1; the rest is the photo.
  bool preserve_color = false;  ///< The style's brightness in the photo's colours.
  double stroke_size = 1;       ///< How many times as large the brush strokes are, 1 to 64.
  /// Pictures that are white where a style goes, each after the model whose style it is; an empty
  /// path means `model`.
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> masks = {};
  int feather = 0;          ///< Pixels of the result over which a mask's edges fade on either side.
  bool seam_free = false;   ///< What tiles goes on to tile.
  bool style_grid = false;  ///< A sheet of all styles instead of one.
  std::string device = "auto";             ///< `auto`, `cpu`, `cuda` or `cuda:N`.
  std::string backend = "auto";            ///< `auto`, `engine` or `torch`.
  Precision precision = Precision::kAuto;  ///< Number format of convolutions.
  int threads = 0;                         ///< Compute threads; 0: one a core.
  /// What a picture may take, `512M`, `4G`, or `auto`: half of what is free. See parse_bytes.
  std::string memory = "auto";
  /// Folder for what does not fit; empty: the output's.
  std::filesystem::path scratch = {};
  int max_side = 0;  ///< Pictures whose long side is above this are scaled down first; 0: never.
  bool compare = false;     ///< Write the photo and the result side by side.
  int jpeg_quality = 95;    ///< 1 to 100.
  int webp_quality = 90;    ///< 1 to 100; 101 is lossless.
  int png_compression = 3;  ///< 0 to 9.

  /// Throws ConfigError that names the field, for values out of range.
  void validate() const;

  /// `memory` in bytes; 0: auto. Throws ConfigError.
  std::uint64_t memory_bytes() const;

  /// Whether all fields are equal.
  bool operator==(const StylizeConfig&) const = default;
};

/// Reads a JSON config and applies `overrides`, with the rules of load_train_config.
StylizeConfig load_stylize_config(const std::filesystem::path& file,
                                  const std::vector<std::string>& overrides = {});

/// The defaults with `overrides` applied: the case of no file.
StylizeConfig default_stylize_config(const std::vector<std::string>& overrides = {});

/// Every field with its value, indented, as for TrainConfig.
std::string to_json(const StylizeConfig& config);

/// JSON Schema (draft 2020-12) of the file, for editors.
std::string stylize_config_schema();

/// A paragraph a field for `--help`: key, kind, what it is, range, default.
std::string stylize_config_help();

}  // namespace impasto
