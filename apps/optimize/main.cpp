// optimize: paints a photo in the style of a painting without a trained model.

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/guard.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/program.h"
#include "cli/progress_bar.h"
#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/optimize_config.h"
#include "impasto/base/resize.h"
#include "impasto/image/image_io.h"
#include "impasto/nn/device.h"
#include "impasto/train/direct_optimization.h"

namespace {

namespace fs = std::filesystem;
using impasto::ConfigError;
using impasto::Flow;
using impasto::Image;
using impasto::LossValues;
using impasto::OptimizeConfig;
using impasto::OptimizeReport;
using impasto::cli::UsageError;

constexpr const char* kProgram = "optimize";

constexpr const char* kExplanation = R"(
Examples:
  optimize --content harbour.jpg --style starry_night.jpg --output harbour_starry.png
  optimize --content harbour.jpg --style wave.jpg --output wave.png --max-side 768 --levels 3
  optimize --content harbour.jpg --style wave.jpg --output wave.png --init noise --iterations 500
  optimize --content harbour.jpg --style wave.jpg --output wave.png --set loss.style_weight=2e5

The photo's pixels are changed until it is near the photo in content and near the painting in
style, as VGG16's layers see them (Gatys, Ecker, Bethge 2016). That needs no trained model and takes
minutes a picture; stylize applies a trained model in a fraction of a second.

Ctrl-C (or SIGTERM) ends the run and saves the best picture so far; a second one ends it at once.
Pictures: reads JPEG, PNG, WebP, TIFF, PPM, BMP; writes .png, .jpg, .jpeg, .webp, .tif, .ppm, .bmp, by the name's
ending.

Exit codes:
  0  done, or stopped by Ctrl-C with the picture saved
  1  failed: a file cannot be read or written, is damaged, a device is absent, out of memory
  2  wrong command line or config
)";

cxxopts::Options make_options() {
  cxxopts::Options options(kProgram,
                           "Paints a photo in the style of a painting without a trained model.\n");
  options.custom_help("--content PHOTO --style PAINTING --output PATH [options]");
  options.set_width(100);
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options("Files")                                           //
      ("content", "Photo to repaint", text(), "PHOTO")                   //
      ("style", "Painting whose style it is given", text(), "PAINTING")  //
      ("output", "Picture to write; the ending says the format", text(), "PATH");
  options.add_options("Result")  //
      ("iterations",
       "How often the loss is computed, at each level (default: 300)",
       text(),
       "N")  //
      ("max-side",
       "Scale larger photos down to this long side first (default: 512; 0: never)",
       text(),
       "N")                                                                                      //
      ("style-size", "Short side that the painting is scaled to (0: the photo's)", text(), "N")  //
      ("init", "content (the photo) or noise to start from (default: content)", text(), "WHAT")  //
      ("levels", "Sizes from coarse to fine (default: 1)", text(), "N");
  options.add_options("Computation")                                   //
      ("optimizer", "lbfgs or adam (default: lbfgs)", text(), "NAME")  //
      ("loss-network",
       "VGG16 or VGG19 weights (default: data/vgg16.safetensors)",
       text(),
       "FILE")                                                              //
      ("device", "auto, cpu, cuda or cuda:N (default: auto)", text(), "D")  //
      ("threads", "Compute threads (0: one a core)", text(), "N");
  impasto::cli::add_config_options(options);
  return options;
}

OptimizeConfig effective_config(const cxxopts::ParseResult& arguments) {
  std::vector<std::string> overrides = impasto::cli::values_of(arguments, "set");
  for (const auto& [option, key] : {std::pair("iterations", "iterations"),
                                    std::pair("max-side", "max_side"),
                                    std::pair("style-size", "style_size"),
                                    std::pair("init", "init"),
                                    std::pair("levels", "levels"),
                                    std::pair("optimizer", "optimizer"),
                                    std::pair("device", "device"),
                                    std::pair("threads", "threads")}) {
    if (arguments.count(option) == 0) continue;
    overrides.push_back(std::string(key) + "=" + arguments[option].as<std::string>());
  }
  OptimizeConfig config =
      arguments.count("config") > 0
          ? impasto::load_optimize_config(arguments["config"].as<std::string>(), overrides)
          : impasto::default_optimize_config(overrides);
  // Free text, which --set would read as JSON where it begins with a quote.
  if (arguments.count("style") > 0) {
    config.style = fs::absolute(arguments["style"].as<std::string>());
  }
  if (arguments.count("loss-network") > 0) {
    config.loss.network = fs::absolute(arguments["loss-network"].as<std::string>());
  }
  config.validate();
  return config;
}

// What can be told from the paths alone.
void check_paths(const OptimizeConfig& config, const fs::path& content, const fs::path& output) {
  std::error_code ignored;
  if (config.style.empty()) throw UsageError("option '--style' is required");
  for (const fs::path& source : {content, config.style}) {
    if (fs::is_directory(source, ignored)) {
      throw ConfigError(source.string() + ": expected one picture, found a folder");
    }
  }
  if (fs::is_directory(output, ignored)) {
    throw ConfigError(output.string() +
                      ": expected the name of a picture to write, found a folder");
  }
  impasto::require_writable_format(output);
  for (const fs::path& source : {content, config.style}) {
    if (fs::equivalent(source, output, ignored)) {
      throw ConfigError(output.string() + ": the output would overwrite the " +
                        (source == content ? "photo" : "painting") + "; give another name");
    }
  }
}

std::string terms_text(const LossValues& loss) {
  char text[128];
  std::snprintf(text,
                sizeof text,
                "loss %.4g  content %.4g  style %.4g  tv %.2g",
                loss.total,
                loss.content,
                loss.style,
                loss.tv);
  return text;
}

void optimize(const OptimizeConfig& config,
              const fs::path& content,
              const fs::path& output,
              impasto::cli::Console& console) {
  // Everything that is quick to find wrong comes before the work. The device comes first: CUDA has
  // to be loaded before libtorch is used for anything else.
  check_paths(config, content, output);
  impasto::resolve_device(config.device);
  Image photo = impasto::read_image(content);
  const Image painting = impasto::read_image(config.style);
  impasto::require_writable_folder(fs::absolute(output).parent_path());
  impasto::DirectOptimizer optimizer(config, impasto::load_loss_network(config.loss.network));
  if (config.max_side > 0) photo = impasto::limit_long_side(photo, config.max_side);

  console.print(optimizer.description());
  impasto::cli::catch_interrupts();
  impasto::cli::ProgressBar progress(console);
  OptimizeReport last;
  optimizer.on_evaluation([&](const OptimizeReport& report) {
    last = report;
    const std::string level = config.levels > 1 ? "level " + std::to_string(report.level) + "/" +
                                                      std::to_string(config.levels) + "  "
                                                : "";
    progress.update({.step = report.evaluation,
                     .total = report.total,
                     .terms = level + terms_text(report.best),
                     .rate = report.evaluations_per_second,
                     .unit = "iterations",
                     .eta = report.eta});
    return impasto::cli::interrupted() ? Flow::kStop : Flow::kContinue;
  });
  const Image result = optimizer.run(photo, painting);
  impasto::write_image(output, result);
  console.end_status();

  const bool early = impasto::cli::interrupted() && last.evaluation < last.total;
  std::cout << output.string() << ": " << result.width() << "x" << result.height() << ", "
            << (early ? "stopped early and saved after iteration " : "") << last.evaluation
            << (early ? " of " + std::to_string(last.total) : " iterations") << " in "
            << impasto::cli::format_duration(last.seconds) << " (" << terms_text(last.best)
            << ")\n";
}

int run(int argc, char** argv, impasto::cli::Console& console) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult arguments = impasto::cli::parse(options, argc, argv);
  if (impasto::cli::print_about(
          arguments,
          {.program = kProgram,
           .help =
               [&] {
                 return options.help({"Files", "Result", "Computation", "Config", "Other"}) +
                        kExplanation + "\nConfig keys:\n" + impasto::optimize_config_help();
               },
           .schema = impasto::optimize_config_schema})) {
    return impasto::cli::kDone;
  }
  const OptimizeConfig config = effective_config(arguments);
  if (arguments.count("print-config") > 0) {
    std::cout << impasto::to_json(config);
    return impasto::cli::kDone;
  }
  optimize(config,
           impasto::cli::required_value(arguments, "content"),
           impasto::cli::required_value(arguments, "output"),
           console);
  return impasto::cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return impasto::cli::run_program(
      kProgram, [&](impasto::cli::Console& console) { return run(argc, argv, console); });
}
