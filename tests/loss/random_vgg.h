#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/safetensors.h"
#include "impasto/nn/loss_network.h"
#include "impasto/nn/tensors.h"

/// Number in torchvision's `features` and output channels of VGG16's convolutions.
inline const std::vector<std::pair<int, int>> kVgg16Convolutions = {{0, 64},
                                                                    {2, 64},
                                                                    {5, 128},
                                                                    {7, 128},
                                                                    {10, 256},
                                                                    {12, 256},
                                                                    {14, 256},
                                                                    {17, 512},
                                                                    {19, 512},
                                                                    {21, 512},
                                                                    {24, 512},
                                                                    {26, 512},
                                                                    {28, 512}};

/// The same of VGG19.
inline const std::vector<std::pair<int, int>> kVgg19Convolutions = {{0, 64},
                                                                    {2, 64},
                                                                    {5, 128},
                                                                    {7, 128},
                                                                    {10, 256},
                                                                    {12, 256},
                                                                    {14, 256},
                                                                    {16, 256},
                                                                    {19, 512},
                                                                    {21, 512},
                                                                    {23, 512},
                                                                    {25, 512},
                                                                    {28, 512},
                                                                    {30, 512},
                                                                    {32, 512},
                                                                    {34, 512}};

/// A network of those convolutions with seeded random weights that keep the size of activations
/// about the same (He et al. 2015). Layer i's activations come out multiplied by the product of the
/// first i+1 `factors` (none: all 1).
inline impasto::LossNetwork random_vgg(const std::vector<std::pair<int, int>>& convolutions,
                                       std::uint64_t seed,
                                       const std::vector<double>& factors = {}) {
  auto random = at::detail::createCPUGenerator(seed);
  impasto::TensorFile file;
  std::int64_t in = 3;
  double product = 1;
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    const auto [number, out] = convolutions[i];
    const double factor = i < factors.size() ? factors[i] : 1.0;
    product *= factor;
    const std::string name = "features." + std::to_string(number);
    const double spread = std::sqrt(2.0 / (9.0 * static_cast<double>(in)));
    const auto weight = at::randn({out, in, 3, 3}, random) * (factor * spread);
    const auto bias = at::randn({out}, random) * (product * 0.1);
    file.tensors[name + ".weight"] = impasto::to_host_tensor(weight);
    file.tensors[name + ".bias"] = impasto::to_host_tensor(bias);
    in = out;
  }
  return impasto::LossNetwork(file, "random_vgg");
}

inline impasto::LossNetwork random_vgg16(std::uint64_t seed,
                                         const std::vector<double>& factors = {}) {
  return random_vgg(kVgg16Convolutions, seed, factors);
}
