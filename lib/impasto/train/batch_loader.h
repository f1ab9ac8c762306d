#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "impasto/base/image_source.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// The part of every batch that is one process's own: of `of` equal parts the one numbered `index`,
/// from 0.
struct BatchShare {
  int index = 0;  ///< Below `of`.
  int of = 1;     ///< Divides the batch size.
};

/// Decodes and augments batches ahead of time in `data.workers` threads and hands them out in
/// order. What a batch holds depends on (data, source, its number) alone, not on threads.
///
/// A picture that cannot be read, or whose short side is below data.image_size, is named once in a
/// warning, and its samples are given to other pictures, chosen by (data.seed, sample number).
/// Warnings, counts and the error below come with the batch that needed the picture, so they too
/// are the same whatever was read ahead.
class BatchLoader {
 public:
  /// `source` outlives the loader and is not empty. Starts with the batch that begins at sample
  /// `first_sample`. `bad_pictures` are known from earlier batches: not tried again, not warned of
  /// again. Only the pictures of `share` are made.
  BatchLoader(const ImageSource& source,
              const DataConfig& data,
              std::uint64_t first_sample = 0,
              const std::map<std::size_t, std::string>& bad_pictures = {},
              BatchShare share = {});

  /// Returns once each worker has finished the picture in its hands.
  ~BatchLoader();

  /// The next batch, or its share: [N,3,S,S] uint8, channels last in memory. Throws IoError when
  /// more than data.max_bad_share of the pictures is bad, or none is left. Whatever `source` throws
  /// that is no Error comes out here too. After an exception the loader is at its end: every call
  /// throws it again.
  at::Tensor next();

  /// What the loaders of other shares have found bad: as if it had been found here. Throws as
  /// `next` does.
  void learn_bad(const std::map<std::size_t, std::string>& pictures);

  /// Pictures found bad in the batches handed out so far or learnt of, and why.
  const std::map<std::size_t, std::string>& bad_pictures() const;

  /// Seconds that `next` has waited so far.
  double seconds_waited() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
