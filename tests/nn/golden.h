#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "impasto/base/safetensors.h"
#include "impasto/nn/tensors.h"

/// A file that tests/golden/make_golden.py wrote.
inline impasto::TensorFile read_golden(const std::string& name) {
  return impasto::read_safetensors(std::filesystem::path(IMPASTO_SOURCE_DIR) / "tests/golden" /
                                   name);
}

inline at::Tensor golden_tensor(const impasto::TensorFile& file, const std::string& name) {
  return impasto::to_tensor(file.tensors.at(name));
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}
