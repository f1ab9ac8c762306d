#pragma once

// Private: not installed.

#include <array>
#include <cstddef>
#include <string>

#include "impasto/base/generator_config.h"

namespace impasto {

/// Calls the members of `layers` for every layer of the generator, in the order of computation,
/// with the names of docs/model_format.md. Values go by names that `layers` gives:
///
///   conv(name, x, stride)   activate(name, x, kind)   to_pixels(x)
///   upsample(name, x)       add(name, x, y)
///   norm(name, x)           join(name, x, skipped)
///
/// Returns the last value, pixels.
template <class Layers>
std::string walk_generator(const GeneratorConfig& config, Layers& layers, std::string x) {
  std::array<std::string, 3> encoded;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const std::string stage = "encoder." + std::to_string(i);
    x = layers.norm(stage + ".norm", layers.conv(stage + ".conv", x, i == 0 ? 1 : 2));
    x = encoded[i] = layers.activate(stage + ".activation", x, config.encoder_activation);
  }
  for (int i = 0; i < config.residual_blocks; ++i) {
    const std::string block = "residual." + std::to_string(i);
    std::string y = layers.norm(block + ".norm1", layers.conv(block + ".conv1", x, 1));
    y = layers.activate(block + ".activation", y, config.encoder_activation);
    y = layers.norm(block + ".norm2", layers.conv(block + ".conv2", y, 1));
    x = layers.add(block + ".sum", x, y);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string stage = "decoder." + std::to_string(i);
    x = layers.norm(stage + ".norm", layers.upsample(stage + ".conv", x));
    x = layers.activate(stage + ".activation", x, config.decoder_activation);
    if (config.skip_connections) x = layers.join(stage + ".joined", x, encoded[1 - i]);
  }
  return layers.to_pixels(layers.conv("output.conv", x, 1));
}

}  // namespace impasto
