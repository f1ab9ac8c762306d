#include "impasto/train/loss_values.h"

#include <ATen/ATen.h>

#include "impasto/base/error.h"

namespace impasto {

LossValues values_of(const LossTerms& terms) {
  return {.content = terms.content.item<double>(),
          .style = terms.style.item<double>(),
          .tv = terms.tv.item<double>(),
          .total = terms.total.item<double>()};
}

LossValues mean_of(const std::vector<LossValues>& losses) {
  if (losses.empty()) throw ConfigError("losses: expected at least one to average, found none");
  const double share = 1.0 / static_cast<double>(losses.size());
  LossValues mean;
  for (const LossValues& loss : losses) {
    mean.content += share * loss.content;
    mean.style += share * loss.style;
    mean.tv += share * loss.tv;
    mean.total += share * loss.total;
  }
  return mean;
}

}  // namespace impasto
