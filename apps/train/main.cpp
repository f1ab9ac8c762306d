// train: learns a painting's style from a folder of photos.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "cli/console.h"
#include "cli/guard.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/progress_bar.h"
#include "dry_run.h"
#include "impasto/base/launch_environment.h"
#include "impasto/base/log.h"
#include "impasto/base/text.h"
#include "impasto/image/coco_images.h"
#include "impasto/image/image_folder.h"
#include "impasto/image/image_io.h"
#include "impasto/nn/device.h"
#include "impasto/train/trainer.h"
#include "processes.h"
#include "run_folder.h"

namespace {

using impasto::ActivityReport;
using impasto::Checkpoint;
using impasto::Flow;
using impasto::Image;
using impasto::ImageSource;
using impasto::ProcessGroup;
using impasto::SampleReport;
using impasto::StepReport;
using impasto::TrainConfig;
using impasto::ValidationReport;
using impasto::cli::Console;
using impasto::cli::Task;
using ProcessGroupPointer = std::shared_ptr<ProcessGroup>;

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
                  Console& console) {
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
                 const ProcessGroup& group,
                 Console& console) {
  console.print(trainer.description());
  if (group.size() > 1) {
    console.print(std::to_string(group.size()) + " processes, each with " +
                  std::to_string(config.data.batch_size / group.size()) + " of the " +
                  std::to_string(config.data.batch_size) + " pictures of a batch");
  }
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

// The newest checkpoint of the run, which the first process alone reads. Nothing where the run is
// to begin.
std::optional<Checkpoint> shared_checkpoint(const Task& task,
                                            const impasto::cli::RunFolder& folder,
                                            ProcessGroup& group) {
  if (!task.resume && !task.auto_resume) return std::nullopt;
  std::string bytes;
  if (group.is_first() && (task.resume || folder.has_checkpoint())) {
    const auto file = folder.newest_checkpoint().serialize();
    bytes.assign(reinterpret_cast<const char*>(file.data()), file.size());
  }
  bytes = group.broadcast(std::move(bytes));
  if (bytes.empty()) return std::nullopt;
  return Checkpoint::parse(std::as_bytes(std::span(bytes)), "checkpoint");
}

int train(const Task& task,
          const TrainConfig& config,
          ProcessGroupPointer group,
          Console& console) {
  // Everything that is quick to find wrong comes before anything is written.
  impasto::cli::RunFolder folder(config.output.dir, config.run.keep);
  const bool begins = !task.resume && !task.auto_resume && !task.dry_run;
  if (group->is_first() && begins && !task.overwrite) folder.require_no_run();
  const auto photos = open_photos(config.data);
  const auto paintings = read_paintings(config.style);
  impasto::Trainer trainer(
      config, impasto::load_loss_network(config.loss.network), paintings, group);
  if (task.initial) trainer.start_from(*task.initial);

  impasto::cli::catch_interrupts();
  const auto checkpoint = shared_checkpoint(task, folder, *group);
  if (checkpoint) trainer.resume(*checkpoint, task.allow_changed_photos);
  if (!group->is_first()) {
    trainer.on_step([](const StepReport&) {
      return impasto::cli::interrupted() ? Flow::kStop : Flow::kContinue;
    });
    trainer.fit(*photos);
    return impasto::cli::kDone;
  }
  if (task.dry_run) {
    print_start(trainer, *photos, config, *group, console);
    impasto::cli::dry_run(trainer, *photos, console);
    return impasto::cli::kDone;
  }
  if (checkpoint) {
    folder.resume(*checkpoint, task.config);
  } else {
    folder.begin(task.config);
  }
  print_start(trainer, *photos, config, *group, console);
  console.print("results go to " + folder.path().string());
  if (checkpoint) console.print("going on after step " + std::to_string(checkpoint->step));
  print_end(follow(trainer, *photos, config, folder, console), folder);
  return impasto::cli::kDone;
}

int train(const Task& task, Console& console) {
  const auto launch = impasto::read_launch_environment();
  TrainConfig config = task.config;
  config.run = impasto::cli::run_config_of(task.config.run, launch);
  // The device comes first: CUDA has to be loaded before libtorch is used for anything else.
  const auto device = impasto::resolve_device(config.run.device);
  impasto::resolve_precision(config.run.precision, device, impasto::Purpose::kTraining);
  if (launch.is_shared() && launch.rank == 0) {
    console.print("process 0 of " + std::to_string(launch.size) + " waits for the others at " +
                  launch.master_address + ", port " + std::to_string(launch.master_port));
  }
  const auto group = impasto::cli::join_processes(launch, config.distributed, device);
  // What the first process says, the others need not repeat.
  if (!group->is_first()) impasto::set_log_sink({});
  try {
    return train(task, config, group, console);
  } catch (...) {
    std::rethrow_exception(group->explain(std::current_exception()));
  }
}

int run(int argc, char** argv, Console& console) {
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
  return impasto::cli::run_program(kProgram,
                                   [&](Console& console) { return run(argc, argv, console); });
}
