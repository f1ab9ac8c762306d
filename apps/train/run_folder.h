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
  /// Makes the folder. Throws IoError when it cannot be written to, and ConfigError when it holds a
  /// run already, unless `overwrite`. Nothing in it changes before `begin`.
  RunFolder(const TrainConfig& config, bool overwrite);

  /// Removes the files of an earlier run and writes the config.
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
