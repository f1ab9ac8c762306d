#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "impasto/train/checkpoint.h"

namespace impasto {

/// The newest checkpoints of a run, each a file `step_00000500.safetensors` in one folder.
class CheckpointFolder {
 public:
  /// Touches nothing. `keep`, at least 1, is how many checkpoints stay.
  CheckpointFolder(std::filesystem::path folder, int keep);

  /// Writes it, and then removes those beyond the newest `keep`: at every moment at least one whole
  /// checkpoint is there, once one has been written. Throws IoError.
  void save(const Checkpoint& checkpoint) const;

  /// The newest that can be read; a damaged one is named in a warning and passed over. Throws
  /// IoError when the folder holds none, FormatError when all are damaged.
  Checkpoint load_newest() const;

  /// From the oldest to the newest; none when there is no folder.
  std::vector<std::filesystem::path> files() const;

  /// Those of an earlier run, and what a killed process left half written. Throws IoError.
  void clear() const;

 private:
  std::filesystem::path folder_;
  std::size_t keep_;
};

}  // namespace impasto
