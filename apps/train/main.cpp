// train: learns a painting's style from a folder of photos.

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/guard.h"
#include "cli/interrupt.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/progress_bar.h"
#include "impasto/base/train_config.h"
#include "impasto/image/coco_images.h"
#include "impasto/image/image_folder.h"
#include "impasto/image/image_io.h"
#include "impasto/nn/device.h"
#include "impasto/train/trainer.h"
#include "run_folder.h"

namespace {

using impasto::Flow;
using impasto::Image;
using impasto::ImageSource;
using impasto::SampleReport;
using impasto::StepReport;
using impasto::TrainConfig;

constexpr const char* kProgram = "train";

constexpr const char* kExplanation = R"(
Examples:
  train --config configs/train_quick.json
  train --config configs/train.json --set output.dir=runs/strong --set loss.style_weight=1e5
  train --config configs/train.json --set 'style.images=["starry_night.jpg"]' \
        --set data.path=/photos/train2014 --set schedule.epochs=1
  train --config configs/train.json --print-config

A config needs at least style.images (the painting), data.path (a folder of photos), loss.network
(VGG16 weights) and output.dir. Paths in it are taken from its own folder, those in --set from the
working directory.

The run's folder, output.dir, receives:
  model.safetensors        the trained style, for stylize --model
  config.json              every setting of the run
  metrics.jsonl            one JSON object a line: losses, learning rate, pictures/s
  samples/step_000500.png  photos and what the network makes of them, side by side

Ctrl-C (or SIGTERM) ends the run after the current step and saves the model; a second one ends it
at once. Photos that cannot be read or are too small are named once and skipped.

Exit codes:
  0  done, or stopped by Ctrl-C with the model saved
  1  failed: a file cannot be read or written, no photos, a device that is absent, out of memory
  2  wrong command line or config, or the folder holds an earlier run
)";

cxxopts::Options make_options() {
  cxxopts::Options options(kProgram, "Learns a painting's style from a folder of photos.\n");
  options.custom_help("--config FILE [--set KEY=VALUE ...] [options]");
  options.set_width(100);
  options.add_options("Config")  //
      ("config",
       "JSON file with the keys below",
       cxxopts::value<std::string>(),
       "FILE")  //
      ("set",
       "Set a key over the file; may be repeated. VALUE is JSON, or text without quotes",
       cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE")                                                    //
      ("print-config", "Print the effective config as JSON and stop")  //
      ("print-schema", "Print the JSON Schema of the config for editors and stop");
  options.add_options("Run")  //
      ("overwrite", "Replace an earlier run in output.dir");
  options.add_options("Other")              //
      ("help", "Print this text and stop")  //
      ("version", "Print the version and stop");
  return options;
}

std::unique_ptr<ImageSource> open_photos(const impasto::DataConfig& data) {
  if (data.annotations.empty()) return std::make_unique<impasto::ImageFolder>(data.path);
  return std::make_unique<impasto::CocoImages>(data.path, data.annotations);
}

std::vector<Image> read_paintings(const impasto::StyleConfig& style) {
  std::vector<Image> paintings;
  for (const auto& path : style.images) paintings.push_back(impasto::read_image(path));
  return paintings;
}

std::string terms_text(const StepReport& report) {
  char text[96];
  std::snprintf(text,
                sizeof text,
                "content %.4g  style %.4g  tv %.2g",
                report.content,
                report.style,
                report.tv);
  return text;
}

int train(const TrainConfig& config, bool overwrite, impasto::cli::Console& console) {
  // Everything that is quick to find wrong comes before anything is written. The device comes
  // first: CUDA has to be loaded before libtorch is used for anything else.
  const auto device = impasto::resolve_device(config.run.device);
  impasto::resolve_precision(config.run.precision, device, impasto::Purpose::kTraining);
  impasto::cli::RunFolder folder(config, overwrite);
  const auto photos = open_photos(config.data);
  const auto paintings = read_paintings(config.style);
  impasto::Trainer trainer(config, impasto::load_loss_network(config.loss.network), paintings);
  folder.begin(config);

  console.print(trainer.description());
  console.print(std::to_string(photos->size()) + " photos in " + config.data.path.string() +
                "; results go to " + config.output.dir.string());
  impasto::cli::catch_interrupts();
  impasto::cli::ProgressBar progress(console);
  StepReport last;
  trainer.on_step([&](const StepReport& report) {
    last = report;
    const bool stop = impasto::cli::interrupted();
    const bool log_is_due = report.step == 1 || report.step % config.run.log_every == 0;
    if (log_is_due || stop || report.step == report.total) folder.write_metrics(report);
    progress.update({.step = report.step,
                     .total = report.total,
                     .terms = terms_text(report),
                     .rate = report.pictures_per_second,
                     .eta = report.eta});
    return stop ? Flow::kStop : Flow::kContinue;
  });
  trainer.on_sample([&](const SampleReport& report) { folder.write_samples(report); });

  const auto model = trainer.fit(*photos);
  folder.write_model(model);
  console.end_status();
  const std::string steps = std::to_string(last.step) + " of " + std::to_string(last.total);
  std::cout << folder.model_path().string() << ": "
            << (last.step < last.total ? "stopped early and saved after step " : "trained ")
            << steps << (last.step < last.total ? "" : " steps") << " in "
            << impasto::cli::format_duration(last.seconds) << " (" << terms_text(last) << ")\n";
  return impasto::cli::kDone;
}

int run(int argc, char** argv, impasto::cli::Console& console) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult arguments = impasto::cli::parse(options, argc, argv);
  if (arguments.count("help") > 0) {
    std::cout << options.help() << kExplanation << "\nConfig keys:\n"
              << impasto::train_config_help();
    return impasto::cli::kDone;
  }
  if (arguments.count("version") > 0) {
    std::cout << impasto::cli::version_text(kProgram) << "\n";
    return impasto::cli::kDone;
  }
  if (arguments.count("print-schema") > 0) {
    std::cout << impasto::train_config_schema();
    return impasto::cli::kDone;
  }
  const TrainConfig config = impasto::load_train_config(
      impasto::cli::required_value(arguments, "config"), impasto::cli::values_of(arguments, "set"));
  if (arguments.count("print-config") > 0) {
    std::cout << impasto::to_json(config);
    return impasto::cli::kDone;
  }
  return train(config, arguments.count("overwrite") > 0, console);
}

}  // namespace

int main(int argc, char** argv) {
  impasto::cli::keep_large_allocations();
  impasto::cli::Console console;
  const impasto::cli::LogToConsole log(console);
  return impasto::cli::run_main(kProgram, [&] { return run(argc, argv, console); });
}
