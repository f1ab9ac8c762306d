// train: learns a painting's style from a folder of photos.

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "cli/console.h"
#include "cli/guard.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/progress_bar.h"
#include "dry_run.h"
#include "impasto/base/text.h"
#include "impasto/image/coco_images.h"
#include "impasto/image/image_folder.h"
#include "impasto/image/image_io.h"
#include "impasto/nn/device.h"
#include "impasto/train/trainer.h"
#include "run_folder.h"

namespace {

using impasto::ActivityReport;
using impasto::Checkpoint;
using impasto::Flow;
using impasto::Image;
using impasto::ImageSource;
using impasto::SampleReport;
using impasto::StepReport;
using impasto::TrainConfig;
using impasto::ValidationReport;
using impasto::cli::Task;

constexpr const char* kProgram = "train";

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

std::string watched_text(const StepReport& report) {
  char rate[32];
  std::snprintf(rate, sizeof rate, "  lr %.2g", report.learning_rate);
  const std::string skipped =
      report.skipped_steps > 0 ? "  skipped " + std::to_string(report.skipped_steps) : "";
  return terms_text(report) + rate + skipped;
}

// Writes what the run reports, and shows where it stands. The last report.
StepReport follow(impasto::Trainer& trainer,
                  const ImageSource& photos,
                  const TrainConfig& config,
                  impasto::cli::RunFolder& folder,
                  impasto::cli::Console& console) {
  const impasto::cli::RunPageHead head{.title = impasto::join(config.style.effective_names()),
                                       .description = trainer.description()};
  impasto::cli::ProgressBar progress(console);
  StepReport last;
  trainer.on_step([&](const StepReport& report) {
    last = report;
    const bool stop = impasto::cli::interrupted();
    const bool log_is_due = report.step == 1 || report.step % config.run.log_every == 0;
    if (log_is_due || stop || report.step == report.total) folder.write(report);
    progress.update({.step = report.step,
                     .total = report.total,
                     .terms = watched_text(report),
                     .rate = report.pictures_per_second,
                     .eta = report.eta});
    return stop ? Flow::kStop : Flow::kContinue;
  });
  trainer.on_sample([&](const SampleReport& report) { folder.write(report); });
  trainer.on_activity([&](const ActivityReport& report) { folder.write(report); });
  trainer.on_validation([&](const ValidationReport& report) { folder.write(report); });
  trainer.on_checkpoint([&](Checkpoint& checkpoint) {
    folder.write_checkpoint(checkpoint);
    folder.write_page(head);
  });
  folder.write_model(trainer.fit(photos));
  folder.write_page(head);
  console.end_status();
  return last;
}

void print_start(const impasto::Trainer& trainer,
                 const ImageSource& photos,
                 const TrainConfig& config,
                 impasto::cli::Console& console) {
  console.print(trainer.description());
  console.print(std::to_string(photos.size()) + " photos in " + config.data.path.string());
}

void print_end(const StepReport& last, const impasto::cli::RunFolder& folder) {
  const std::string model = folder.model_path().string();
  if (last.step == 0) {
    std::cout << model << ": nothing left to do, the run was at its end\n";
    return;
  }
  const bool early = last.step < last.total;
  std::cout << model << ": " << (early ? "stopped early and saved after step " : "trained ")
            << last.step << " of " << last.total << (early ? "" : " steps") << " in "
            << impasto::cli::format_duration(last.seconds) << " (" << terms_text(last) << ")\n";
  if (early) std::cout << "go on with: " << impasto::cli::resume_command(folder.path()) << "\n";
}

int train(const Task& task, impasto::cli::Console& console) {
  const TrainConfig& config = task.config;
  // Everything that is quick to find wrong comes before anything is written. The device comes
  // first: CUDA has to be loaded before libtorch is used for anything else.
  const auto device = impasto::resolve_device(config.run.device);
  impasto::resolve_precision(config.run.precision, device, impasto::Purpose::kTraining);
  impasto::cli::RunFolder folder(config.output.dir, config.run.keep);
  if (!task.resume && !task.overwrite && !task.dry_run) folder.require_no_run();
  const auto photos = open_photos(config.data);
  const auto paintings = read_paintings(config.style);
  impasto::Trainer trainer(config, impasto::load_loss_network(config.loss.network), paintings);
  if (task.initial) trainer.start_from(*task.initial);

  impasto::cli::catch_interrupts();
  if (task.dry_run) {
    print_start(trainer, *photos, config, console);
    impasto::cli::dry_run(trainer, *photos, console);
    return impasto::cli::kDone;
  }
  std::int64_t done = 0;
  if (task.resume) {
    const Checkpoint checkpoint = folder.newest_checkpoint();
    trainer.resume(checkpoint, task.allow_changed_photos);
    folder.resume(checkpoint, config);
    done = checkpoint.step;
  } else {
    folder.begin(config);
  }
  print_start(trainer, *photos, config, console);
  console.print("results go to " + folder.path().string());
  if (task.resume) console.print("going on after step " + std::to_string(done));
  print_end(follow(trainer, *photos, config, folder, console), folder);
  return impasto::cli::kDone;
}

int run(int argc, char** argv, impasto::cli::Console& console) {
  cxxopts::Options options = impasto::cli::train_options();
  const cxxopts::ParseResult arguments = impasto::cli::parse(options, argc, argv);
  if (impasto::cli::print_about(arguments,
                                {.program = kProgram,
                                 .help = [&] { return impasto::cli::help_text(options); },
                                 .schema = impasto::train_config_schema})) {
    return impasto::cli::kDone;
  }
  const Task task = impasto::cli::read_task(arguments);
  if (arguments.count("print-config") > 0) {
    std::cout << impasto::to_json(task.config);
    return impasto::cli::kDone;
  }
  return train(task, console);
}

}  // namespace

int main(int argc, char** argv) {
  return impasto::cli::run_program(
      kProgram, [&](impasto::cli::Console& console) { return run(argc, argv, console); });
}
