#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "impasto/base/folder_lock.h"
#include "impasto/base/train_config.h"
#include "impasto/style/style_model.h"
#include "impasto/train/checkpoint_folder.h"
#include "impasto/train/metrics.h"
#include "impasto/train/run_records.h"
#include "impasto/train/tensorboard_writer.h"
#include "impasto/train/trainer.h"
#include "run_page.h"

namespace impasto::cli {

/// What a training run writes: `config.json`, `metrics.jsonl`, `report.html`,
/// `samples/step_000500.png`, `checkpoints/`, `tensorboard/` when asked for, and at the end
/// `model.safetensors`, all in one folder.
class RunFolder {
 public:
  /// Touches nothing.
  RunFolder(std::filesystem::path path, int keep);

  /// Throws ConfigError when the folder holds a run already. Touches nothing.
  void require_no_run() const;

  /// Throws ConfigError when the folder holds no run. Touches nothing.
  void require_run() const;

  /// Makes the folder, keeps it for this process, removes the files of an earlier run and writes
  /// the config. Throws IoError when that cannot be done, and where a run is under way in it.
  void begin(const TrainConfig& config);

  /// Goes on after `checkpoint`: keeps the folder for this process, cuts what the metrics hold
  /// beyond it and writes the config. Throws IoError as `begin` does.
  void resume(const Checkpoint& checkpoint, const TrainConfig& config);

  void write(const StepReport& report);
  void write(const ValidationReport& report);
  void write(const ActivityReport& report);
  void write(const SampleReport& report);
  void write_model(const StyleModel& model) const;

  /// report.html, anew from all of the above.
  void write_page(const RunPageHead& head) const { write_run_page(path_, head); }

  /// Notes how far the metrics go, and saves. Throws IoError that says from where the run can go
  /// on.
  void write_checkpoint(Checkpoint& checkpoint) const;

  bool has_checkpoint() const { return !checkpoints_.files().empty(); }
  Checkpoint newest_checkpoint() const { return checkpoints_.load_newest(); }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path model_path() const { return path_ / "model.safetensors"; }
  std::filesystem::path config_path() const { return path_ / "config.json"; }

 private:
  std::filesystem::path metrics_path() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path samples_path() const { return path_ / "samples"; }
  std::filesystem::path page_path() const { return path_ / "report.html"; }
  std::filesystem::path tensorboard_path() const { return path_ / "tensorboard"; }

  /// From `begin` or `resume` on.
  void lock();

  std::filesystem::path path_;
  std::optional<FolderLock> lock_;
  CheckpointFolder checkpoints_;
  std::optional<MetricsWriter> metrics_;
  std::optional<TensorBoardWriter> tensorboard_;
};

/// What to type to go on with the run in `folder`.
std::string resume_command(const std::filesystem::path& folder);

}  // namespace impasto::cli
