#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <vector>

#include "impasto/base/generator_config.h"

namespace impasto {

/// Which painting each picture is restyled towards, and what tells the network so.
class StyleChoice {
 public:
  /// `paintings`: how many are learned; in a network with more styles they are its last.
  StyleChoice(const GeneratorConfig& generator,
              std::int64_t paintings,
              std::int64_t seed,
              const c10::Device& device);

  std::int64_t paintings() const { return paintings_; }

  /// Of `count` samples from `first` on, drawn by the seed and the sample's number.
  std::vector<std::int64_t> drawn(std::uint64_t first, std::int64_t count) const;

  /// From 0 on and over again, so that `count` pictures show as many as possible.
  std::vector<std::int64_t> in_turn(std::int64_t count) const;

  /// What Generator takes for such paintings: one row a picture, all weight on one style. Undefined
  /// for a network without style rows.
  at::Tensor weights(std::vector<std::int64_t> paintings) const;

 private:
  Norm norm_;
  std::int64_t styles_;
  std::int64_t paintings_;
  std::int64_t seed_;
  c10::Device device_;
};

}  // namespace impasto
