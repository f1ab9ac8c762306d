#include "run_folder.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "sample_sheet.h"

namespace impasto::cli {

namespace fs = std::filesystem;

RunFolder::RunFolder(fs::path path, int keep)
    : path_(std::move(path)), checkpoints_(path_ / "checkpoints", keep) {}

void RunFolder::require_no_run() const {
  std::error_code ignored;
  std::vector<fs::path> found = checkpoints_.files();
  for (const auto& file : {metrics_path(), model_path()}) {
    if (fs::exists(file, ignored)) found.push_back(file);
  }
  if (found.empty()) return;
  throw ConfigError("output.dir: " + path_.string() + " holds an earlier run already (" +
                    found.back().filename().string() +
                    "): give another folder, go on with that run "
                    "by --resume " +
                    path_.string() + ", or replace it by --overwrite");
}

void RunFolder::require_run() const {
  std::error_code ignored;
  if (fs::exists(config_path(), ignored)) return;
  throw ConfigError("--resume: " + path_.string() + " holds no run: expected a config.json there");
}

void RunFolder::lock() {
  require_writable_folder(path_);
  lock_.emplace(path_, "a training");
}

void RunFolder::begin(const TrainConfig& config) {
  lock();
  remove_file(model_path());
  remove_file(metrics_path());
  remove_file(page_path());
  checkpoints_.clear();
  std::error_code absent;
  for (const auto& sheet : sample_sheets(samples_path())) remove_file(sheet.path);
  for (const auto& entry : fs::directory_iterator(tensorboard_path(), absent)) {
    if (entry.path().filename().string().find("tfevents") != std::string::npos) {
      remove_file(entry.path());
    }
  }
  write_file_atomically(config_path(), to_json(config));
  metrics_.emplace(metrics_path());
  if (config.run.tensorboard) tensorboard_.emplace(tensorboard_path());
}

void RunFolder::resume(const Checkpoint& checkpoint, const TrainConfig& config) {
  lock();
  for (const auto& folder : {path_, samples_path(), path_ / "checkpoints"}) {
    remove_temporary_files(folder);
  }
  std::error_code error;
  if (fs::exists(metrics_path(), error) &&
      fs::file_size(metrics_path(), error) > checkpoint.metrics) {
    fs::resize_file(metrics_path(), checkpoint.metrics, error);
    if (error) throw IoError(metrics_path().string() + ": cannot be cut: " + error.message());
  }
  write_file_atomically(config_path(), to_json(config));
  metrics_.emplace(metrics_path());
  if (config.run.tensorboard) {
    tensorboard_.emplace(tensorboard_path(), TensorBoardOptions{.resumed_after = checkpoint.step});
  }
}

void RunFolder::write(const StepReport& report) {
  metrics_->write(report);
  if (!tensorboard_) return;
  tensorboard_->write_scalar("loss/content", report.step, report.content);
  tensorboard_->write_scalar("loss/style", report.step, report.style);
  tensorboard_->write_scalar("loss/tv", report.step, report.tv);
  tensorboard_->write_scalar("loss/total", report.step, report.loss);
  tensorboard_->write_scalar("run/learning_rate", report.step, report.learning_rate);
  tensorboard_->write_scalar("run/gradient_norm", report.step, report.gradient_norm);
  tensorboard_->write_scalar("run/pictures_per_second", report.step, report.pictures_per_second);
}

void RunFolder::write(const ValidationReport& report) {
  metrics_->write(report);
  if (!tensorboard_) return;
  tensorboard_->write_scalar("held_out/content", report.step, report.content);
  tensorboard_->write_scalar("held_out/style", report.step, report.style);
  tensorboard_->write_scalar("held_out/tv", report.step, report.tv);
  tensorboard_->write_scalar("held_out/total", report.step, report.loss);
}

void RunFolder::write(const ActivityReport& report) {
  metrics_->write(report);
  if (!tensorboard_) return;
  for (const auto& layer : report.layers) {
    tensorboard_->write_scalar("active/" + layer.layer, report.step, layer.share);
  }
}

void RunFolder::write(const SampleReport& report) {
  const auto sheet = write_sample_sheet(samples_path(), report);
  if (tensorboard_) tensorboard_->write_image("samples", report.step, read_file(sheet));
}

void RunFolder::write_model(const StyleModel& model) const { model.save(model_path()); }

void RunFolder::write_checkpoint(Checkpoint& checkpoint) const {
  std::error_code absent;
  checkpoint.metrics = fs::file_size(metrics_path(), absent);
  if (absent) checkpoint.metrics = 0;
  try {
    checkpoints_.save(checkpoint);
  } catch (const IoError& error) {
    const auto saved = checkpoints_.files();
    throw IoError(std::string(error.what()) + "; the run ends after step " +
                  std::to_string(checkpoint.step) +
                  (saved.empty() ? ", of which nothing could be saved"
                                 : ", and can go on from " + saved.back().filename().string() +
                                       " by: " + resume_command(path_)));
  }
}

std::string resume_command(const fs::path& folder) { return "train --resume " + folder.string(); }

}  // namespace impasto::cli
