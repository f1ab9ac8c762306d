#include "impasto/style/flops.h"

#include <functional>
#include <numeric>
#include <string>

#include "impasto/style/parameters.h"

namespace impasto {
namespace {

// Pixels that the convolution runs over, as a share of the picture's.
double resolution_of(const std::string& name, const GeneratorConfig& config) {
  // These two work before the pixels become four.
  const bool small =
      config.upsample == Upsample::kTransposed || config.upsample == Upsample::kPixelShuffle;
  if (name.starts_with("encoder.1.")) return 1.0 / 4;
  if (name.starts_with("encoder.2.") || name.starts_with("residual.")) return 1.0 / 16;
  if (name.starts_with("decoder.0.")) return small ? 1.0 / 16 : 1.0 / 4;
  if (name.starts_with("decoder.1.")) return small ? 1.0 / 4 : 1.0;
  return 1.0;
}

}  // namespace

double generator_flops(const GeneratorConfig& config, std::int64_t height, std::int64_t width) {
  const double pixels = static_cast<double>(height) * static_cast<double>(width);
  double flops = 0;
  for (const auto& spec : parameter_specs(config)) {
    if (spec.shape.size() != 4) continue;
    const auto weights =
        std::accumulate(spec.shape.begin(), spec.shape.end(), 1.0, std::multiplies<double>());
    flops += 2 * weights * pixels * resolution_of(spec.name, config);
  }
  return flops;
}

}  // namespace impasto
