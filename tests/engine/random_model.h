#pragma once

#include <cstdint>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/style/style_model.h"

/// Seeded weights that keep every layer's values near 1 and the picture within and a little beyond
/// 0 to 255.
impasto::StyleModel random_model(const impasto::GeneratorConfig& config, std::uint64_t seed);

/// [3][height][width], whole numbers from 0 to 255.
std::vector<float> random_planes(int width, int height, std::uint64_t seed);

impasto::Image random_picture(int width, int height, std::uint64_t seed, int channels = 3);

/// Small, so that every variant runs in milliseconds even without vectors.
impasto::GeneratorConfig small_config();

struct NamedConfig {
  const char* name;
  impasto::GeneratorConfig config;
};

/// Every choice of the config at least once, and those that meet in one layer together.
std::vector<NamedConfig> variants();
