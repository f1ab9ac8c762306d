#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "impasto/base/image_source.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// Decodes and augments batches ahead of time in `data.workers` threads and hands them out in order. What a batch
/// holds depends on (data, source, its number) alone, not on threads.
///
/// A picture that cannot be read, or whose short side is below data.image_size, is warned of once, and its samples are given to
/// other pictures.
class BatchLoader {
 public:
  /// `source` outlives the loader. Starts with the batch that begins at sample `first_sample`.
  BatchLoader(const ImageSource& source, const DataConfig& data, std::uint64_t first_sample = 0);
  ~BatchLoader();

  /// The next batch: [batch_size,3,S,S] uint8. Throws IoError when more than data.max_bad_share of the pictures is
  /// bad, or none is left.
  at::Tensor next();

  std::int64_t bad_pictures() const;

  /// Seconds that `next` has waited so far.
  double seconds_waited() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
