#pragma once

// Private: not installed.

#include <cstddef>
#include <memory>

#include "impasto/base/scratch_file.h"
#include "impasto/engine/buffer.h"

namespace impasto::engine {

/// All rows of a layer's features, in memory or in a scratch file.
class FeatureStore {
 public:
  /// In memory.
  FeatureStore(std::size_t row_bytes, int rows);

  /// In a part of a file, from byte `offset` on.
  FeatureStore(std::size_t row_bytes, std::shared_ptr<ScratchFile> file, std::size_t offset);

  /// Throw IoError.
  void read(int first, int count, std::byte* rows) const;
  void write(int first, int count, const std::byte* rows);

  /// Says which rows are read next.
  void prefetch(int first, int count) const;

 private:
  std::size_t row_bytes_;
  Buffer memory_;
  std::shared_ptr<ScratchFile> file_;
  std::size_t offset_ = 0;
};

}  // namespace impasto::engine
