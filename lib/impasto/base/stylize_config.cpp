#include "impasto/base/stylize_config.h"

#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"
#include "impasto/base/field_docs.h"
#include "impasto/base/memory.h"

namespace impasto {

Fields fields_of(StylizeConfig& config) {
  Field device = device_field(config.device);
  device.text =
      "Where to compute; auto is the CPU, and with backend torch CUDA where there is a device.";
  return {
      {.name = "input",
       .target = &config.input,
       .text = "Picture and film files, or folders of pictures with all below."},
      {.name = "camera",
       .target = &config.camera,
       .text = "Index of a camera to take the picture from instead; -1: none.",
       .bounds = {.min = -1, .max = 1000}},
      {.name = "output",
       .target = &config.output,
       .text = "File to write for one picture or film; a folder for several or for a folder, whose "
               "tree it "
               "repeats."},
      {.name = "format",
       .target = &config.format,
       .text = "File format in an output folder; empty: the input's, and PNG where that one is "
               "not written.",
       .form = {.pattern = "(png|jpg|webp|tif|ppm|bmp)?",
                .words = "'png', 'jpg', 'webp', 'tif', 'ppm', 'bmp' or ''"}},
      {.name = "frames",
       .target = &config.frames,
       .text = "Write a film as a folder of PNG files with numbers, 000001.png first."},
      {.name = "video_codec",
       .target = choice(config.video_codec, {"auto", "h264", "mjpeg"}),
       .text = "How films are encoded; auto is h264 where there is an encoder for it, else mjpeg, "
               "which .avi always is."},
      {.name = "temporal",
       .target = &config.temporal,
       .text = "Reduce the flicker of films: what was a frame before is carried along with the "
               "motion and mixed in, where the frame before shows the same."},
      {.name = "temporal_input",
       .target = &config.temporal_input,
       .text = "How much of the input before it mixes into the input.",
       .bounds = {.min = 0, .max = 1}},
      {.name = "temporal_output",
       .target = &config.temporal_output,
       .text = "How much of the result before it mixes into the result.",
       .bounds = {.min = 0, .max = 1}},
      {.name = "keep_metadata",
       .target = &config.keep_metadata,
       .text = "Copy the blocks EXIF and XMP to the result, in JPEG, PNG, WebP and TIFF."},
      {.name = "skip_existing",
       .target = &config.skip_existing,
       .text = "Leave out pictures whose result is there already."},
      {.name = "model",
       .target = &config.model,
       .text = "Style model file; for style_grid it may be a folder of them."},
      {.name = "style",
       .target = &config.style,
       .text = "Name of one of the model's styles, or a mix such as 'a=0.7,b=0.3'; empty: the "
               "first."},
      {.name = "strength",
       .target = &config.strength,
       .text = "Share of the style; the rest is the photo, pixel by pixel.",
       .bounds = {.min = 0, .max = 1}},
      {.name = "preserve_color",
       .target = &config.preserve_color,
       .text = "Keep the photo's colours and take the brightness alone from the style."},
      {.name = "stroke_size",
       .target = &config.stroke_size,
       .text = "How many times as large the brush strokes are: the photo is stylized that much "
               "smaller, and its detail brought back.",
       .bounds = {.min = 1, .max = 64}},
      {.name = "masks",
       .target = &config.masks,
       .text = "Pictures that are white where the style goes: 'mask.png' for the model, "
               "'other.safetensors=mask.png' for another one."},
      {.name = "feather",
       .target = &config.feather,
       .text = "Pixels over which the edges of masks fade, on either side.",
       .bounds = {.min = 0, .max = 10'000}},
      {.name = "seam_free",
       .target = &config.seam_free,
       .text = "For textures that are laid side by side: borders continue at the opposite ones."},
      {.name = "style_grid",
       .target = &config.style_grid,
       .text = "Write a sheet of all styles, of the model or of all models of a folder."},
      device,
      {.name = "backend",
       .target = &config.backend,
       .text = "What computes: engine is Impasto's own for the CPU, torch is libtorch; auto is "
               "engine on the "
               "CPU and torch on CUDA.",
       .form = {.pattern = "auto|engine|torch", .words = "'auto', 'engine' or 'torch'"}},
      precision_field(config.precision),
      threads_field(config.threads),
      {.name = "memory",
       .target = &config.memory,
       .text = "What a picture may take, such as 512M or 4G; larger ones are computed in bands of "
               "rows. auto is half of the memory that is free.",
       .form = {.pattern = "auto|[0-9]+([.][0-9]+)? ?([KMGTkmgt](i?[Bb])?)?",
                .words = "'auto' or a size such as '512M' or '4G'"}},
      {.name = "scratch",
       .target = &config.scratch,
       .text = "Folder for features that do not fit in it; empty: that of the output."},
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

std::uint64_t StylizeConfig::memory_bytes() const {
  if (memory == "auto") return 0;
  const std::optional<std::uint64_t> bytes = parse_bytes(memory);
  if (!bytes) {
    throw ConfigError("memory: expected 'auto' or a size such as '512M' or '4G', found '" + memory +
                      "'");
  }
  return *bytes;
}

void StylizeConfig::validate() const {
  StylizeConfig copy = *this;
  check_fields(fields_of(copy));
  memory_bytes();
  const auto refuse = [](const std::string& field, const std::string& with) {
    throw ConfigError(field + ": cannot be combined with " + with);
  };
  if (camera >= 0 && !input.empty()) refuse("camera", "input: it takes its place");
  if (seam_free && stroke_size > 1) refuse("stroke_size", "seam_free: what is enlarged has seams");
  if (style_grid && !masks.empty()) refuse("masks", "style_grid");
  if (style_grid && !style.empty()) refuse("style", "style_grid, which shows them all");
  if (style_grid && temporal) refuse("temporal", "style_grid");
  if (style_grid && compare) refuse("compare", "style_grid, which shows the photo first");
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
