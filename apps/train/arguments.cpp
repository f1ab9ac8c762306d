#include "arguments.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/guard.h"
#include "run_folder.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExplanation = R"(
Examples:
  train --config configs/train_quick.json
  train --config configs/train.json --set output.dir=runs/strong --set loss.style_weight=1e5
  train --config configs/train.json --set 'style.images=["starry_night.jpg"]' \
        --set data.path=/photos/train2014 --set schedule.epochs=1
  train --config configs/train.json --dry-run
  train --resume runs/strong
  mpirun -np 4 train --config configs/train.json --set data.batch_size=8 --auto-resume
  train --config configs/train.json --init-from wave.safetensors --set optimizer.learning_rate=1e-4
  train --config configs/train.json --init-from many.safetensors --add-style scream.jpg

A config needs at least style.images (the painting), data.path (a folder of photos), loss.network
(VGG16 weights) and output.dir. Paths in it are taken from its own folder, those in --set from the
working directory.

The run's folder, output.dir, receives:
  model.safetensors        the trained style, for stylize --model
  config.json              every setting of the run
  metrics.jsonl            one JSON object a line: losses, learning rate, pictures/s
  report.html              all of it to look at: curves, samples, activity of the layers
  samples/step_000500.png  photos and what the network makes of them, side by side
  checkpoints/             the newest states of the run, for --resume

Ctrl-C (or SIGTERM) ends the run after the current step and saves model and checkpoint; a second one
ends it at once. However a run ended, --resume goes on from its newest checkpoint, and on the same
machine ends with the weights of a run that was never stopped, bit for bit. Photos that cannot be
read or are too small are named once and skipped.

Several processes share a run when a launcher starts them: torchrun, mpirun, srun or impasto-launch.
Each takes its part of every batch; the first one alone writes. When one is lost, the others stop.

Exit codes:
  0  done, or stopped by Ctrl-C with the model saved
  1  failed: a file cannot be read or written, no photos, a device that is absent, out of memory
  2  wrong command line or config, or the folder holds an earlier run
)";

std::string style_images_override(const std::vector<std::string>& paintings) {
  return "style.images=" + nlohmann::json(paintings).dump();
}

void check_combination(const cxxopts::ParseResult& arguments) {
  const auto given = [&](const char* option) { return arguments.count(option) > 0; };
  const auto refuse = [&](const char* option, const char* other, const char* why) {
    if (given(option) && given(other)) {
      throw UsageError(std::string("options '--") + option + "' and '--" + other +
                       "' exclude each other: " + why);
    }
  };
  refuse("resume", "init-from", "a resumed run goes on from its own checkpoint");
  refuse("resume", "auto-resume", "one needs a run to go on with, the other begins one as well");
  refuse("overwrite", "auto-resume", "one removes the run, the other goes on with it");
  refuse("dry-run", "auto-resume", "a dry run begins anew and writes nothing");
  refuse("resume", "overwrite", "one goes on with the run, the other removes it");
  refuse("resume", "dry-run", "a dry run begins anew and writes nothing");
  if (given("add-style") && !given("init-from")) {
    throw UsageError("option '--add-style' needs '--init-from', the model to add the style to");
  }
  if (given("allow-changed-photos") && !given("resume") && !given("auto-resume")) {
    throw UsageError("option '--allow-changed-photos' is for '--resume' and '--auto-resume'");
  }
}

}  // namespace

cxxopts::Options train_options() {
  const auto text = [] { return cxxopts::value<std::string>(); };
  const auto texts = [] { return cxxopts::value<std::vector<std::string>>(); };
  cxxopts::Options options("train", "Learns a painting's style from a folder of photos.\n");
  options.custom_help("--config FILE [--set KEY=VALUE ...] [options]");
  options.set_width(100);
  options.add_options("Config")                                    //
      ("config", "JSON file with the keys below", text(), "FILE")  //
      ("set",
       "Set a key over the file; may be repeated. VALUE is JSON, or text without quotes",
       texts(),
       "KEY=VALUE")                                                    //
      ("print-config", "Print the effective config as JSON and stop")  //
      ("print-schema", "Print the JSON Schema of the config for editors and stop");
  options.add_options("Run")  //
      ("resume",
       "Go on with the run in this folder, with its own config unless --config names another",
       text(),
       "DIR")  //
      ("auto-resume",
       "Go on with the run in output.dir if it has a checkpoint, else begin it: for what is "
       "started "
       "again by itself")  //
      ("allow-changed-photos",
       "With --resume: go on although the photos are others than the run began with")  //
      ("init-from",
       "Start from the weights of a trained model, whose generator the config then takes over",
       text(),
       "MODEL")  //
      ("add-style",
       "With --init-from a model of several styles: learn this painting as a further one and leave "
       "the others as they are; may be repeated",
       texts(),
       "PAINTING")                                           //
      ("overwrite", "Replace an earlier run in output.dir")  //
      ("dry-run", "Run a few steps, print what the whole run would take, and write nothing");
  options.add_options("Other")              //
      ("help", "Print this text and stop")  //
      ("version", "Print the version and stop");
  return options;
}

std::string help_text(const cxxopts::Options& options) {
  return options.help({"Run", "Config", "Other"}) + kExplanation + "\nConfig keys:\n" +
         train_config_help();
}

Task read_task(const cxxopts::ParseResult& arguments) {
  check_combination(arguments);
  const auto given = [&](const char* option) { return arguments.count(option) > 0; };
  Task task{.resume = given("resume"),
            .allow_changed_photos = given("allow-changed-photos"),
            .auto_resume = given("auto-resume"),
            .overwrite = given("overwrite"),
            .dry_run = given("dry-run")};

  // What options say comes first, so that --set can say more.
  std::vector<std::string> overrides;
  fs::path file;
  if (task.resume) {
    const fs::path folder = arguments["resume"].as<std::string>();
    const RunFolder run(folder, 1);
    run.require_run();
    file = given("config") ? fs::path(arguments["config"].as<std::string>()) : run.config_path();
    overrides.push_back("output.dir=" + folder.string());
  } else {
    file = required_value(arguments, "config");
  }
  if (given("init-from")) {
    const std::string model = arguments["init-from"].as<std::string>();
    task.initial = StyleModel::load(model);
    overrides.push_back("init.from=" + model);
  }
  if (given("add-style")) {
    overrides.push_back(style_images_override(values_of(arguments, "add-style")));
    overrides.insert(overrides.end(), {"style.names=[]", "init.add_styles=true"});
  }
  for (const auto& setting : values_of(arguments, "set")) overrides.push_back(setting);

  task.config =
      load_train_config(file, overrides, task.initial ? &task.initial->generator : nullptr);
  if (!task.resume && !task.initial && !task.config.init.from.empty()) {
    task.initial = StyleModel::load(task.config.init.from);
  }
  return task;
}

}  // namespace impasto::cli
