#pragma once

#include <vector>

#include "impasto/loss/perceptual_loss.h"

namespace impasto {

/// LossTerms as plain numbers: weighted, `total` is their sum.
struct LossValues {
  double content = 0;  ///< Against the photo.
  double style = 0;    ///< Against the painting.
  double tv = 0;       ///< Total variation.
  double total = 0;    ///< Their sum.

  /// Whether all fields are equal.
  bool operator==(const LossValues&) const = default;
};

/// The four as one tensor [4], where they are.
at::Tensor stacked(const LossTerms& terms);

/// Of that: waits for the device to have computed them.
LossValues values_of(const at::Tensor& stacked);

/// The same of terms that nobody has stacked.
LossValues values_of(const LossTerms& terms);

/// Term by term. Throws ConfigError for an empty list.
LossValues mean_of(const std::vector<LossValues>& losses);

}  // namespace impasto
