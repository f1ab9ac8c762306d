#include "impasto/base/stylize_config.h"

#include "impasto/base/config_fields.h"
#include "impasto/base/field_docs.h"

namespace impasto {

Fields fields_of(StylizeConfig& config) {
  Field device = device_field(config.device);
  device.text =
      "Where to compute; auto is the CPU, and with backend torch CUDA where there is a device.";
  return {
      {.name = "input",
       .target = &config.input,
       .text = "Picture files, or folders of them with all below."},
      {.name = "output",
       .target = &config.output,
       .text = "File to write for one picture; a folder for several or for a folder, whose tree it "
               "repeats."},
      {.name = "format",
       .target = &config.format,
       .text = "File format in an output folder; empty: the input's, and PNG where that one is "
               "not written.",
       .form = {.pattern = "(png|jpg|webp|tif|ppm|bmp)?",
                .words = "'png', 'jpg', 'webp', 'tif', 'ppm', 'bmp' or ''"}},
      {.name = "skip_existing",
       .target = &config.skip_existing,
       .text = "Leave out pictures whose result is there already."},
      {.name = "model", .target = &config.model, .text = "Style model file."},
      {.name = "style",
       .target = &config.style,
       .text = "Name of one of the model's styles; empty: the first."},
      device,
      {.name = "backend",
       .target = &config.backend,
       .text = "What computes: engine is Impasto's own for the CPU, torch is libtorch; auto is "
               "engine on the "
               "CPU and torch on CUDA.",
       .form = {.pattern = "auto|engine|torch", .words = "'auto', 'engine' or 'torch'"}},
      precision_field(config.precision),
      threads_field(config.threads),
      {.name = "max_side",
       .target = &config.max_side,
       .text =
           "Pictures whose long side is above this many pixels are scaled down first; 0: never.",
       .bounds = {.min = 0, .max = 1'000'000}},
      {.name = "compare",
       .target = &config.compare,
       .text = "Write the photo and the result side by side."},
      {.name = "jpeg_quality",
       .target = &config.jpeg_quality,
       .text = "Quality of JPEG files.",
       .bounds = {.min = 1, .max = 100}},
      {.name = "webp_quality",
       .target = &config.webp_quality,
       .text = "Quality of WebP files; 101 is lossless.",
       .bounds = {.min = 1, .max = 101}},
      {.name = "png_compression",
       .target = &config.png_compression,
       .text = "Effort of PNG compression: 0 is fast, 9 makes the smallest files.",
       .bounds = {.min = 0, .max = 9}},
  };
}

void StylizeConfig::validate() const {
  StylizeConfig copy = *this;
  check_fields(fields_of(copy));
}

StylizeConfig load_stylize_config(const std::filesystem::path& file,
                                  const std::vector<std::string>& overrides) {
  StylizeConfig config;
  read_config(fields_of(config), file, overrides);
  return config;
}

StylizeConfig default_stylize_config(const std::vector<std::string>& overrides) {
  StylizeConfig config;
  const Fields fields = fields_of(config);
  for (const std::string& text : overrides) apply_override(fields, text);
  make_paths_absolute(fields);
  return config;
}

std::string to_json(const StylizeConfig& config) {
  StylizeConfig copy = config;
  return to_text(write_fields(fields_of(copy)), "stylizing config", 2) + "\n";
}

std::string stylize_config_schema() {
  StylizeConfig config;
  return schema_text(fields_of(config), "Impasto stylizing config");
}

std::string stylize_config_help() {
  StylizeConfig config;
  return help_text(fields_of(config));
}

}  // namespace impasto
