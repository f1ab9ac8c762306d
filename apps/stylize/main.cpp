// stylize: applies a trained style to a picture.

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/guard.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/stylize_config.h"
#include "impasto/base/text.h"
#include "impasto/image/alpha.h"
#include "impasto/image/image_io.h"
#include "impasto/image/resize.h"
#include "impasto/infer/stylizer.h"

namespace {

namespace fs = std::filesystem;
using impasto::ConfigError;
using impasto::Image;
using impasto::StylizeConfig;
using impasto::cli::UsageError;

constexpr const char* kProgram = "stylize";

constexpr const char* kExamples = R"(
Examples:
  stylize --model great_wave.safetensors --input harbour.jpg --output harbour_wave.png
  stylize --model wave.safetensors --input photo.jpg --output small.webp --max-side 1024 --quality 80
  stylize --config configs/stylize.json --input photo.jpg --output pair.jpg --compare
  stylize --model many.safetensors --style "starry night" --input a.png --output b.png

Pictures:
  Read: JPEG, PNG, WebP, BMP, TIFF; turned as their EXIF orientation says. Written: .png, .jpg, .jpeg, .webp,
  .bmp, by the name's ending. The result has the photo's size, and its transparency in PNG and WebP. The output's
  folder is made if needed; a failing run leaves an existing output as it was.

Exit codes:
  0  done
  1  failed: a file cannot be read or written, is damaged, or the device is absent
  2  wrong command line or config
)";

cxxopts::Options make_options() {
  cxxopts::Options options(kProgram, "Applies a trained style to a picture.\n");
  options.custom_help("--model FILE --input PATH --output PATH [options]");
  options.set_width(100);
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options("Files")                                         //
      ("model", "Style model that train has written", text(), "FILE")  //
      ("input", "Picture to stylize", text(), "PATH")                  //
      ("output", "Picture to write; the ending says the format", text(), "PATH");
  options.add_options("Result")                                                                   //
      ("style", "One of the model's styles (default: the first)", text(), "NAME")                 //
      ("max-side", "Scale larger pictures down to this long side first (0: never)", text(), "N")  //
      ("compare", "Write the photo and the result side by side")                                  //
      ("quality", "Of JPEG (1 to 100) or WebP (1 to 100, 101: lossless) output", text(), "N")     //
      ("png-compression", "0 (fast) to 9 (small)", text(), "N");
  options.add_options("Computation")                                                        //
      ("device", "auto (the CPU), cpu, cuda or cuda:N (default: auto)", text(), "D")        //
      ("backend", "auto, engine or torch, which is libtorch (default: auto)", text(), "B")  //
      ("precision", "auto, float32, bfloat16 or float16 (default: auto)", text(), "P")      //
      ("threads", "Compute threads (0: one a core)", text(), "N");
  impasto::cli::add_config_options(options);
  return options;
}

// The config key that --quality means for this output.
std::string quality_key(const fs::path& output) {
  const std::string extension = impasto::lower_case(output.extension().string());
  if (extension == ".jpg" || extension == ".jpeg") return "jpeg_quality";
  if (extension == ".webp") return "webp_quality";
  throw UsageError("option '--quality' is for JPEG and WebP output, found '" + output.string() +
                   "'");
}

StylizeConfig effective_config(const cxxopts::ParseResult& arguments) {
  std::vector<std::string> overrides = impasto::cli::values_of(arguments, "set");
  const auto add = [&](const std::string& option, const std::string& key) {
    if (arguments.count(option) > 0) {
      overrides.push_back(key + "=" + arguments[option].as<std::string>());
    }
  };
  add("max-side", "max_side");
  add("png-compression", "png_compression");
  add("device", "device");
  add("backend", "backend");
  add("precision", "precision");
  add("threads", "threads");
  if (arguments.count("quality") > 0) {
    add("quality", quality_key(impasto::cli::required_value(arguments, "output")));
  }
  StylizeConfig config =
      arguments.count("config") > 0
          ? impasto::load_stylize_config(arguments["config"].as<std::string>(), overrides)
          : impasto::default_stylize_config(overrides);
  // Free text, which --set would read as JSON where it begins with a quote.
  if (arguments.count("model") > 0)
    config.model = fs::absolute(arguments["model"].as<std::string>());
  if (arguments.count("style") > 0) config.style = arguments["style"].as<std::string>();
  if (arguments.count("compare") > 0) config.compare = arguments["compare"].as<bool>();
  config.validate();
  return config;
}

// What can be told from the paths alone.
void check_paths(const StylizeConfig& config, const fs::path& input, const fs::path& output) {
  std::error_code ignored;
  if (config.model.empty()) throw UsageError("option '--model' is required");
  if (fs::is_directory(input, ignored)) {
    throw ConfigError(input.string() + ": expected one picture, found a folder");
  }
  if (fs::is_directory(output, ignored)) {
    throw ConfigError(output.string() +
                      ": expected the name of a picture to write, found a folder");
  }
  impasto::require_writable_format(output);
  for (const fs::path& source : {input, config.model}) {
    if (fs::equivalent(source, output, ignored)) {
      throw ConfigError(output.string() + ": the output would overwrite the " +
                        (source == input ? "input" : "model") + "; give another name");
    }
  }
}

// "0.8 s", "75 s"
std::string seconds_since(std::chrono::steady_clock::time_point start) {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  char text[32];
  std::snprintf(text, sizeof text, elapsed.count() < 10 ? "%.1f s" : "%.0f s", elapsed.count());
  return text;
}

void stylize(const StylizeConfig& config, const fs::path& input, const fs::path& output) {
  const auto start = std::chrono::steady_clock::now();
  // Everything that is quick to find wrong comes before the backend, which packs the weights, or
  // loads libtorch.
  check_paths(config, input, output);
  Image photo = impasto::read_image(input, {.keep_alpha = true});
  impasto::StyleModel model = impasto::StyleModel::load(config.model);
  model.style_index(config.style);
  impasto::require_writable_folder(fs::absolute(output).parent_path());

  if (config.max_side > 0) photo = impasto::limit_long_side(photo, config.max_side);
  const impasto::Stylizer stylizer(std::move(model),
                                   {.device = config.device,
                                    .precision = config.precision,
                                    .threads = config.threads,
                                    .backend = config.backend});
  Image result = stylizer(photo, config.style);
  if (config.compare) {
    result =
        impasto::side_by_side(std::vector{impasto::on_white(photo), impasto::on_white(result)});
  }
  impasto::write_image(output,
                       result,
                       {.jpeg_quality = config.jpeg_quality,
                        .webp_quality = config.webp_quality,
                        .png_compression = config.png_compression});
  std::cout << output.string() << ": " << result.width() << "x" << result.height() << " in "
            << seconds_since(start) << " (" << stylizer.description() << ")\n";
}

int run(int argc, char** argv) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult arguments = impasto::cli::parse(options, argc, argv);
  if (impasto::cli::print_about(
          arguments,
          {.program = kProgram,
           .help =
               [&] {
                 return options.help({"Files", "Result", "Computation", "Config", "Other"}) +
                        kExamples + "\nConfig keys:\n" + impasto::stylize_config_help();
               },
           .schema = impasto::stylize_config_schema})) {
    return impasto::cli::kDone;
  }
  const StylizeConfig config = effective_config(arguments);
  if (arguments.count("print-config") > 0) {
    std::cout << impasto::to_json(config);
    return impasto::cli::kDone;
  }
  const fs::path input = impasto::cli::required_value(arguments, "input");
  const fs::path output = impasto::cli::required_value(arguments, "output");
  stylize(config, input, output);
  return impasto::cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  impasto::cli::keep_large_allocations();
  impasto::cli::Console console;
  const impasto::cli::LogToConsole log(console);
  return impasto::cli::run_main(kProgram, [&] { return run(argc, argv); });
}
