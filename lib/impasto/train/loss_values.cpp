#include "impasto/train/loss_values.h"

#include <ATen/ATen.h>

#include "impasto/base/error.h"

namespace impasto {

at::Tensor stacked(const LossTerms& terms) {
  return at::stack(
      {terms.content.detach(), terms.style.detach(), terms.tv.detach(), terms.total.detach()});
}

LossValues values_of(const at::Tensor& stacked) {
  const at::Tensor here = stacked.to(at::kCPU, at::kDouble);
  const auto value = [&](std::int64_t i) { return here[i].item<double>(); };
  return {.content = value(0), .style = value(1), .tv = value(2), .total = value(3)};
}

LossValues values_of(const LossTerms& terms) { return values_of(stacked(terms)); }

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
