#pragma once

#include <vector>

#include "impasto/loss/perceptual_loss.h"

namespace impasto {

/// LossTerms as plain numbers: weighted, `total` is their sum.
struct LossValues {
  double content = 0;
  double style = 0;
  double tv = 0;
  double total = 0;

  bool operator==(const LossValues&) const = default;
};

/// Waits for the device to have computed them.
LossValues values_of(const LossTerms& terms);

/// Term by term. Throws ConfigError for an empty list.
LossValues mean_of(const std::vector<LossValues>& losses);

}  // namespace impasto
