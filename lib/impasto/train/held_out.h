#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/image_source.h"

namespace impasto {

/// Some pictures of a source, which outlives it.
class Subset : public ImageSource {
 public:
  /// `numbers` are below the source's size.
  Subset(const ImageSource& source, std::vector<std::size_t> numbers)
      : source_(source), numbers_(std::move(numbers)) {}

  std::size_t size() const override { return numbers_.size(); }
  std::string name(std::size_t index) const override { return source_.name(numbers_.at(index)); }
  Image load(std::size_t index) const override { return source_.load(numbers_.at(index)); }

 private:
  const ImageSource& source_;
  std::vector<std::size_t> numbers_;
};

/// Pictures to train on, and those kept for evaluation.
struct HeldOut {
  Subset training;    ///< To train on.
  Subset evaluation;  ///< Kept for evaluation; may be empty.
};

/// Keeps every `every`-th picture, from the first; none for 0. Throws ConfigError when that leaves
/// nothing to train on.
HeldOut hold_out(const ImageSource& photos, int every);

}  // namespace impasto
