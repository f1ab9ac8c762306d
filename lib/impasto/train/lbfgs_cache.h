#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "impasto/train/loss_values.h"

namespace impasto {

/// Keeps the course of L-BFGS runs in files, one a run, so that each is computed once. A run is
/// known by `inputs`, a text that names everything its course depends on.
class LbfgsCache {
 public:
  /// Empty: nothing is found and nothing kept. Throws IoError unless the folder can be written to.
  explicit LbfgsCache(std::filesystem::path folder);

  /// The best losses after 1, 2, ... `evaluations` evaluations, when as many are kept. A file that
  /// is damaged is warned of and counts as none.
  std::optional<std::vector<LossValues>> find(const std::string& inputs,
                                              std::size_t evaluations) const;

  /// Replaces what is kept for `inputs`. Throws IoError when it cannot be written.
  void store(const std::string& inputs, const std::vector<LossValues>& course) const;

 private:
  std::filesystem::path file_of(const std::string& inputs) const;

  std::filesystem::path folder_;
};

/// Sixteen hexadecimal digits that stand for a tensor's type, shape and values (FNV-1a, 64 bits).
std::string fingerprint(const at::Tensor& tensor);

}  // namespace impasto
