#include "stylize/arguments.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include "cli/guard.h"
#include "impasto/base/text.h"
#include "impasto/image/image_io.h"
#include "impasto/video/video_io.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExamples = R"(
Examples:
  stylize --model great_wave.safetensors --input harbour.jpg --output harbour_wave.png
  stylize --model wave.safetensors --input photo.jpg --output small.webp --max-side 1024 --quality 80
  stylize --model wave.safetensors --output styled/ holiday/ portrait.jpg --skip-existing
  find . -name '*.jpg' -newer last | stylize --model wave.safetensors --input - --output styled/
  stylize --config configs/stylize.json --input photo.jpg --output pair.jpg --compare
  stylize --model many.safetensors --style "starry night=0.7,iris=0.3" --input a.png --output b.png
  stylize --model many.safetensors --style-grid --input a.jpg --output sheet.jpg
  stylize --mask wave.safetensors=sea.png --mask iris.safetensors=land.png --feather 8 --input a.jpg --output b.jpg
  stylize --model wave.safetensors --input film.mp4 --output wave.mp4
  stylize --model wave.safetensors --camera 0 --output me.mp4
  stylize --model wave.safetensors --stroke-size 3 --preserve-color --strength 0.8 --input large.jpg --output b.jpg

Pictures:
  Read: JPEG, PNG, WebP, TIFF, PPM, BMP; turned as their EXIF orientation says. Written: .png, .jpg, .jpeg, .webp,
  .tif, .tiff, .ppm, .bmp, by the name's ending. The result has the photo's size, and its transparency in PNG, WebP
  and TIFF. The output's folder is made if needed; a failing run leaves an existing output as it was.

  One picture goes to the file --output, several into the folder --output under their own names. A folder is
  searched with all below it, and its tree repeated in the output folder. A picture that cannot be read is
  reported at the end and does not stop the others.

Films:
  Read: what FFmpeg reads. Written: .mp4, .m4v, .mov, .mkv (H.264, or MJPEG without an encoder for it) and .avi
  (MJPEG), or with --frames a folder of PNG files. Frames, their rate and the sound stay, the sound where the program
  ffmpeg is installed. Ctrl-C ends a film early: what is done until then can be played.

Exit codes:
  0  done
  1  failed, at least one picture: a file cannot be read or written, is damaged, or the device is absent
  2  wrong command line or config
)";

// The config keys that --quality means: by the format of what is written.
std::vector<std::string> quality_keys(const StylizeConfig& config) {
  const fs::path name = config.format.empty() ? config.output : fs::path("x." + config.format);
  const std::string extension = lower_case(name.extension().string());
  const bool is_film = is_writable_video(name);
  if (extension == ".jpg" || extension == ".jpeg") return {"jpeg_quality"};
  if (extension == ".webp") return {"webp_quality"};
  if (!is_picture_file(name) && !is_film) return {"jpeg_quality", "webp_quality"};
  throw UsageError("option '--quality' is for JPEG and WebP output, found '" + name.string() + "'");
}

std::string text_of(const cxxopts::ParseResult& arguments, const std::string& option) {
  return arguments[option].as<std::string>();
}

// "mask.png" or "model.safetensors=mask.png", from the working directory.
std::pair<fs::path, fs::path> masked_model(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) return {{}, fs::path(text)};
  if (equals == 0 || equals + 1 == text.size()) {
    throw UsageError("option '--mask': expected MASK or MODEL=MASK, found '" + text + "'");
  }
  return {fs::path(text.substr(0, equals)), fs::path(text.substr(equals + 1))};
}

StylizeArguments with_overrides(const cxxopts::ParseResult& arguments,
                                const std::vector<std::string>& overrides) {
  StylizeArguments result;
  StylizeConfig& config = result.config;
  config = arguments.count("config") > 0
               ? load_stylize_config(text_of(arguments, "config"), overrides)
               : default_stylize_config(overrides);
  // Free text and paths, which --set would read as JSON where they begin with a quote.
  if (const auto inputs = values_of(arguments, "input"); !inputs.empty()) {
    config.input.clear();
    for (const std::string& input : inputs) {
      if (input == "-") {
        result.list_on_stdin = true;
      } else {
        config.input.emplace_back(input);
      }
    }
  }
  if (arguments.count("output") > 0) config.output = text_of(arguments, "output");
  if (arguments.count("model") > 0) config.model = fs::absolute(text_of(arguments, "model"));
  if (const auto masks = values_of(arguments, "mask"); !masks.empty()) {
    config.masks.clear();
    for (const std::string& mask : masks) config.masks.push_back(masked_model(mask));
  }
  if (arguments.count("scratch") > 0) config.scratch = fs::absolute(text_of(arguments, "scratch"));
  if (arguments.count("style") > 0) config.style = text_of(arguments, "style");
  return result;
}

}  // namespace

cxxopts::Options stylize_options() {
  cxxopts::Options options("stylize", "Applies a trained style to pictures and films.\n");
  options.custom_help("--model FILE --output PATH [options] PATH...");
  options.positional_help("").show_positional_help();  // --input is among the options too.
  options.set_width(100);
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options("Files")                                           //
      ("m,model", "Style model that train has written", text(), "FILE")  //
      ("i,input",
       "Picture, film, or folder of pictures; may be repeated, or stand without --input. -: a list "
       "of "
       "paths on standard input, one a line",
       cxxopts::value<std::vector<std::string>>(),
       "PATH")  //
      ("camera", "Take the picture of camera N, from 0, until Ctrl-C", text(), "N")(
          "o,output",
          "Picture or film to write, the ending says the format; or a folder",
          text(),
          "PATH")  //
      ("format",
       "png, jpg, webp, tif, ppm or bmp, in an output folder (default: the input's)",
       text(),
       "F")                                                                  //
      ("temporal", "Reduce the flicker of a film")                           //
      ("frames", "Write a film as a folder of numbered PNG files")           //
      ("video-codec", "auto, h264 or mjpeg (default: auto)", text(), "C")    //
      ("skip-existing", "Leave out pictures whose result is there already")  //
      ("keep-metadata", "Copy EXIF and XMP to the results (JPEG, PNG, WebP, TIFF)");
  options.add_options("Result")  //
      ("style",
       "One of the model's styles, or a mix: \"a=0.7,b=0.3\" (default: the first)",
       text(),
       "NAME")("strength", "Share of the style, 0 to 1; the rest is the photo", text(), "S")(
          "preserve-color", "Keep the photo's colours: brightness alone comes from the style")(
          "stroke-size", "Brush strokes N times as large (1 to 64)", text(), "N")(
          "mask",
          "Style where this picture is white; may be repeated with a model of its own for each "
          "place",
          cxxopts::value<std::vector<std::string>>(),
          "[MODEL=]MASK")(
          "feather", "Fade the edges of masks over N pixels on either side", text(), "N")(
          "seam-free", "For textures that tile: borders continue at the opposite ones")(
          "style-grid", "Write a sheet of all styles: of the model, or of all models of a folder")(
          "max-side",
          "Scale larger pictures down to this long side first (0: never)",
          text(),
          "N")                                                                                 //
      ("compare", "Write the photo and the result side by side")                               //
      ("quality", "Of JPEG (1 to 100) or WebP (1 to 100, 101: lossless) output", text(), "N")  //
      ("png-compression", "0 (fast) to 9 (small)", text(), "N");
  options.add_options("Computation")                                                        //
      ("device", "auto (the CPU), cpu, cuda or cuda:N (default: auto)", text(), "D")        //
      ("backend", "auto, engine or torch, which is libtorch (default: auto)", text(), "B")  //
      ("precision", "auto, float32, bfloat16 or float16 (default: auto)", text(), "P")      //
      ("threads", "Compute threads (0: one a core)", text(), "N")                           //
      ("memory",
       "What a picture may take, 512M or 4G; larger ones go in bands (default: half of what is "
       "free)",
       text(),
       "SIZE")  //
      ("scratch", "Folder for what does not fit (default: the output's)", text(), "DIR");
  add_config_options(options);
  options.parse_positional({"input"});
  return options;
}

std::string stylize_help(const cxxopts::Options& options) {
  return options.help({"Files", "Result", "Computation", "Config", "Other"}) + kExamples +
         "\nConfig keys:\n" + stylize_config_help();
}

StylizeArguments stylize_arguments(const cxxopts::ParseResult& arguments) {
  std::vector<std::string> overrides = values_of(arguments, "set");
  const auto set = [&](std::string option, const std::string& value) {
    std::ranges::replace(option, '-', '_');
    overrides.push_back(option + "=" + value);
  };
  for (const char* option : {"camera",
                             "video-codec",
                             "format",
                             "strength",
                             "stroke-size",
                             "feather",
                             "max-side",
                             "png-compression",
                             "device",
                             "backend",
                             "precision",
                             "threads",
                             "memory"}) {
    if (arguments.count(option) > 0) set(option, text_of(arguments, option));
  }
  for (const char* option : {"temporal",
                             "frames",
                             "skip-existing",
                             "keep-metadata",
                             "preserve-color",
                             "seam-free",
                             "style-grid",
                             "compare"}) {
    if (arguments.count(option) > 0) set(option, arguments[option].as<bool>() ? "true" : "false");
  }
  StylizeArguments result = with_overrides(arguments, overrides);
  if (arguments.count("quality") > 0) {  // Which key it sets depends on the rest.
    for (const std::string& key : quality_keys(result.config)) {
      overrides.push_back(key + "=" + text_of(arguments, "quality"));
    }
    result = with_overrides(arguments, overrides);
  }
  result.config.validate();
  return result;
}

void require_complete(const StylizeArguments& arguments) {
  const StylizeConfig& config = arguments.config;
  const auto require = [](bool given, const std::string& option) {
    if (!given) throw UsageError("option '--" + option + "' is required");
  };
  require(!config.input.empty() || arguments.list_on_stdin || config.camera >= 0, "input");
  require(!config.output.empty(), "output");
  const bool all_masks_have_models =
      !config.masks.empty() &&
      std::ranges::none_of(config.masks, [](const auto& pair) { return pair.first.empty(); });
  require(!config.model.empty() || all_masks_have_models, "model");
}

void add_paths(std::istream& list, std::vector<fs::path>& paths) {
  const std::string text(std::istreambuf_iterator<char>(list), {});
  const char end = text.find('\0') == std::string::npos ? '\n' : '\0';
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, end);) {
    if (!line.empty()) paths.emplace_back(line);
  }
}

}  // namespace impasto::cli
