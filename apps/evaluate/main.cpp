// evaluate: scores a style model on photos and says how long L-BFGS would take to get there.

#include <algorithm>
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
#include "impasto/base/evaluate_config.h"
#include "impasto/image/image_folder.h"
#include "impasto/image/image_io.h"
#include "impasto/nn/device.h"
#include "impasto/train/evaluation.h"
#include "impasto/train/evaluation_report.h"

namespace {

namespace fs = std::filesystem;
using impasto::ConfigError;
using impasto::EvaluateConfig;
using impasto::Evaluation;
using impasto::EvaluationProgress;
using impasto::Flow;
using impasto::StyleModel;
using impasto::cli::UsageError;

constexpr const char* kProgram = "evaluate";

constexpr const char* kExplanation = R"(
Examples:
  evaluate --model wave.safetensors --photos photos/ --style great_wave.jpg
  evaluate --model wave.safetensors --photos photos/ --style great_wave.jpg --lbfgs none
  evaluate --model wave.safetensors --photos photos/ --style great_wave.jpg --json wave.json \
           --plot wave.svg --cache cache/ --lbfgs-long 500 --long-photos 4
  evaluate --model many.safetensors --style-name "starry night" --style starry_night.jpg \
           --photos photos/

Every photo's middle square is scored with the loss that the model was trained with: content
against the photo, style against the painting, total variation. For scale, the photo itself is
scored too, and what L-BFGS has come to after some numbers of loss evaluations, started from the
photo, at the same size and with the same loss; evaluate says to how many of them the model is
equal (Johnson, Alahi, Fei-Fei 2016, figure 5).

L-BFGS is what takes the time. With --cache its results are kept, photo by photo: a run that was
stopped, or another model of the same painting and loss, goes on from there.

Exit codes:
  0  done
  1  failed: a file cannot be read or written, no photos, a device that is absent, out of memory;
     or stopped by Ctrl-C, without a result
  2  wrong command line or config
)";

cxxopts::Options make_options() {
  cxxopts::Options options(
      kProgram, "Scores a style model on photos and compares it with direct optimisation.\n");
  options.custom_help("--model FILE --photos DIR --style PAINTING [options]");
  options.set_width(100);
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options("Files")                                                            //
      ("model", "Style model that train has written", text(), "FILE")                     //
      ("photos", "Folder of photos, best such as it was not trained on", text(), "DIR")   //
      ("style", "The painting that it has learnt", text(), "PAINTING")                    //
      ("style-name", "Which of the model's styles (default: the first)", text(), "NAME")  //
      ("loss-network",
       "VGG16 or VGG19 weights (default: data/vgg16.safetensors)",
       text(),
       "FILE")                                                   //
      ("json", "Write the scores to this file", text(), "FILE")  //
      ("plot", "Write the course of L-BFGS and the model's place to this SVG file", text(), "FILE");
  options.add_options("Comparison")  //
      ("lbfgs",
       "Numbers of loss evaluations to compare with, or none (default: 25,50,100)",
       text(),
       "N,N,...")                                                                             //
      ("lbfgs-long", "Go on to this many on the first photos (default: 0, no)", text(), "N")  //
      ("long-photos", "How many photos that is (default: 4)", text(), "N")                    //
      ("image-size", "Side of the scored square (default: as in training)", text(), "N")      //
      ("cache", "Folder that keeps what L-BFGS came to", text(), "DIR");
  options.add_options("Computation")                                        //
      ("device", "auto, cpu, cuda or cuda:N (default: auto)", text(), "D")  //
      ("threads", "Compute threads (0: one a core)", text(), "N");
  impasto::cli::add_config_options(options);
  return options;
}

// What flags, --set and --config make of `start`.
EvaluateConfig read_config(const cxxopts::ParseResult& arguments, const EvaluateConfig& start) {
  std::vector<std::string> overrides = impasto::cli::values_of(arguments, "set");
  for (const auto& [option, key] : {std::pair("lbfgs", "lbfgs"),
                                    std::pair("lbfgs-long", "lbfgs_long"),
                                    std::pair("long-photos", "long_photos"),
                                    std::pair("image-size", "image_size"),
                                    std::pair("device", "device"),
                                    std::pair("threads", "threads")}) {
    if (arguments.count(option) == 0) continue;
    overrides.push_back(std::string(key) + "=" + arguments[option].as<std::string>());
  }
  EvaluateConfig config =
      arguments.count("config") > 0
          ? impasto::load_evaluate_config(arguments["config"].as<std::string>(), overrides, start)
          : impasto::default_evaluate_config(overrides, start);
  // Free text, which --set would read as JSON where it begins with a quote.
  const auto set_path = [&](const std::string& option, fs::path& path) {
    if (arguments.count(option) > 0) path = fs::absolute(arguments[option].as<std::string>());
  };
  set_path("model", config.model);
  set_path("photos", config.photos);
  set_path("style", config.style);
  set_path("loss-network", config.loss.network);
  set_path("cache", config.cache);
  if (arguments.count("style-name") > 0) {
    config.style_name = arguments["style-name"].as<std::string>();
  }
  config.validate();
  return config;
}

// Where the model's training says how, that stands between the defaults and what the user gives.
EvaluateConfig effective_config(const cxxopts::ParseResult& arguments, const StyleModel& model) {
  EvaluateConfig start;
  if (const auto training = model.training.find("config"); training != model.training.end()) {
    const std::string file = read_config(arguments, {}).model.string();
    impasto::take_training_settings(start, training->second, file + ": training config");
  }
  return read_config(arguments, start);
}

// What can be told from the command line alone.
void check_outputs(const EvaluateConfig& config, const std::vector<fs::path>& outputs) {
  std::error_code ignored;
  if (config.photos.empty()) throw UsageError("option '--photos' is required");
  if (config.style.empty()) throw UsageError("option '--style' is required");
  for (const fs::path& output : outputs) {
    if (fs::is_directory(output, ignored)) {
      throw ConfigError(output.string() + ": expected the name of a file to write, found a folder");
    }
    for (const fs::path& source : {config.model, config.style, config.loss.network}) {
      if (fs::equivalent(source, output, ignored)) {
        throw ConfigError(output.string() + ": the output would overwrite " + source.string());
      }
    }
    impasto::require_writable_folder(fs::absolute(output).parent_path());
  }
}

int evaluate(const EvaluateConfig& config,
             const StyleModel& model,
             const cxxopts::ParseResult& arguments,
             impasto::cli::Console& console) {
  const auto output_of = [&](const std::string& option) {
    return arguments.count(option) > 0 ? fs::path(arguments[option].as<std::string>()) : fs::path();
  };
  const fs::path json = output_of("json");
  const fs::path plot = output_of("plot");
  std::vector<fs::path> outputs;
  std::ranges::copy_if(std::vector{json, plot},
                       std::back_inserter(outputs),
                       [](const fs::path& path) { return !path.empty(); });
  if (!plot.empty() && config.lbfgs == "none") {
    throw UsageError("option '--plot' shows the course of L-BFGS, found --lbfgs none");
  }
  check_outputs(config, outputs);
  // Before libtorch is used for anything else: CUDA has to be loaded first.
  impasto::resolve_device(config.device);
  const impasto::ImageFolder photos(config.photos);
  impasto::Evaluator evaluator(config,
                               model,
                               impasto::load_loss_network(config.loss.network),
                               impasto::read_image(config.style));
  console.print(evaluator.description() + "; " + std::to_string(photos.size()) + " photos in " +
                config.photos.string());
  impasto::cli::catch_interrupts();
  impasto::cli::ProgressBar progress(console);
  evaluator.on_progress([&](const EvaluationProgress& report) {
    progress.update({.step = report.done,
                     .total = report.total,
                     .terms = fs::path(report.photo).filename().string(),
                     .rate = report.evaluations_per_second,
                     .unit = "evaluations",
                     .eta = report.eta});
    return impasto::cli::interrupted() ? Flow::kStop : Flow::kContinue;
  });
  const Evaluation evaluation = evaluator.run(photos);
  console.end_status();
  if (evaluation.stopped) {
    throw impasto::Error(config.cache.empty()
                             ? "stopped; with --cache a later run would go on from here"
                             : "stopped; the photos that are done are in " + config.cache.string() +
                                   ", and the next run goes on from there");
  }
  if (!json.empty()) impasto::write_file_atomically(json, impasto::to_json(evaluation));
  if (!plot.empty()) {
    impasto::write_file_atomically(plot, impasto::evaluation_svg(evaluation, evaluation.style));
  }
  if (config.loss.normalise_features && !evaluation.scales_from_model) {
    console.print(
        "the model has no feature scales for this loss: they were measured here, so that the "
        "numbers do not compare with those of its training");
  }
  std::cout << impasto::evaluation_table(evaluation);
  return impasto::cli::kDone;
}

int run(int argc, char** argv, impasto::cli::Console& console) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult arguments = impasto::cli::parse(options, argc, argv);
  if (impasto::cli::print_about(
          arguments,
          {.program = kProgram,
           .help =
               [&] {
                 return options.help({"Files", "Comparison", "Computation", "Config", "Other"}) +
                        kExplanation + "\nConfig keys:\n" + impasto::evaluate_config_help();
               },
           .schema = impasto::evaluate_config_schema})) {
    return impasto::cli::kDone;
  }
  const fs::path file = read_config(arguments, {}).model;
  if (file.empty()) throw UsageError("option '--model' is required");
  const StyleModel model = StyleModel::load(file);
  const EvaluateConfig config = effective_config(arguments, model);
  if (arguments.count("print-config") > 0) {
    std::cout << impasto::to_json(config);
    return impasto::cli::kDone;
  }
  return evaluate(config, model, arguments, console);
}

}  // namespace

int main(int argc, char** argv) {
  return impasto::cli::run_program(
      kProgram, [&](impasto::cli::Console& console) { return run(argc, argv, console); });
}
