#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "impasto/base/safetensors.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// Everything that training needs to go on as if it had never been stopped. One safetensors file;
/// docs/training.md. There is no state of random numbers and no position in the photos: both
/// follow from data.seed and the step.
struct Checkpoint {
  TrainConfig config = {};               ///< Of the run that wrote it.
  std::vector<std::string> styles = {};  ///< Names of all styles of the network.
  std::int64_t step = 0;                 ///< Optimizer steps done, skipped ones too.
  std::int64_t skipped = 0;              ///< Steps whose loss or gradient was not finite.
  std::int64_t skipped_in_a_row = 0;     ///< Such steps since the last one that was not.
  std::int64_t averaged = 0;             ///< Weights averaged into `ema.NAME`.
  double seconds = 0;                    ///< Of training so far.
  std::uint64_t metrics = 0;             ///< Bytes of metrics.jsonl that belong to it.
  double style_weight = 0;               ///< As it was chosen, or else as the config says.
  std::string environment = {};  ///< What has to be equal for equal bits: build, device, threads.

  // What the run was learning from, as Hash::text(): a path may change, what lies there may not.
  std::string photos = {};        ///< ImageSource::fingerprint().
  std::string paintings = {};     ///< Of their pixels.
  std::string loss_network = {};  ///< Of its tensors.

  /// `content`, `style`, `tv`, `total` of the last step.
  std::map<std::string, double> losses = {};
  std::map<std::string, double> loss_scales = {};        ///< PerceptualLoss::scales().
  std::map<std::size_t, std::string> bad_pictures = {};  ///< Number to reason.

  /// Tensors by name: weights `generator.NAME`, their average `ema.NAME`, the state of the
  /// optimizer `adam.mean.NAME`, `adam.square.NAME`, `adam.steps`, `muon.momentum.NAME`, and
  /// `samples` [N,3,S,S], the crops that sample pictures show.
  std::map<std::string, HostTensor> tensors = {};

  /// The result is a checkpoint of this version, whose tensors the trainer checks. Throws IoError
  /// or FormatError.
  static Checkpoint load(const std::filesystem::path& path);

  /// The same from the bytes of a file; `name` stands for its path in messages.
  static Checkpoint parse(std::span<const std::byte> bytes, const std::string& name);

  /// The bytes of a file.
  std::vector<std::byte> serialize() const;

  /// Atomically: see write_file_atomically.
  void save(const std::filesystem::path& path) const;
};

}  // namespace impasto
