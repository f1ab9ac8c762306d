#pragma once

#include <filesystem>
#include <optional>

#include "impasto/base/train_config.h"
#include "impasto/style/style_model.h"
#include "impasto/train/metrics.h"
#include "impasto/train/trainer.h"

namespace impasto::cli {

/// What a training run writes: `config.json`, `metrics.jsonl`, `samples/step_000500.png` and at the
/// end `model.safetensors`, all in output.dir.
class RunFolder {
 public:
  /// Touches nothing. Throws ConfigError when the folder holds a run already, unless `overwrite`.
  RunFolder(const TrainConfig& config, bool overwrite);

  /// Makes the folder, removes the files of an earlier run and writes the config. Throws IoError
  /// when that cannot be done.
  void begin(const TrainConfig& config);

  void write_metrics(const StepReport& report);
  void write_samples(const SampleReport& report) const;
  void write_model(const StyleModel& model) const;

  std::filesystem::path model_path() const { return path_ / "model.safetensors"; }

 private:
  std::filesystem::path metrics_path() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path samples_path() const { return path_ / "samples"; }

  std::filesystem::path path_;
  std::optional<MetricsWriter> metrics_;
};

}  // namespace impasto::cli
