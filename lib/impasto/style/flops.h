#pragma once

#include <cstdint>

#include "impasto/base/generator_config.h"

namespace impasto {

/// Floating-point operations of the convolutions of one forward pass over a picture of `height` x
/// `width`: two for each product of a weight and a value, upsampled pixels counted in full. 20.16e9
/// for the default generator at 256x256. Throws ConfigError for a config that is not valid.
double generator_flops(const GeneratorConfig& config, std::int64_t height, std::int64_t width);

}  // namespace impasto
