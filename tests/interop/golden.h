#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "impasto/base/safetensors.h"
#include "impasto/engine/engine.h"
#include "support/files.h"

/// A file that tests/golden/interop/make_interop.py has written.
inline std::filesystem::path interop_file(const std::string& name) {
  return project_file("tests/golden/interop/" + name);
}

/// By how much the engine's picture differs at most from the one that Python has computed for
/// `name`, on the scale of 0 to 255.
inline float difference_to_python(const impasto::StyleModel& model, const std::string& name) {
  const auto golden = impasto::read_safetensors(interop_file("expected.safetensors"));
  const auto picture = golden.tensors.at("picture").to_floats();
  const auto expected = golden.tensors.at(name).to_floats();
  std::vector<float> result(expected.size());
  const impasto::Engine engine(
      model, {.threads = 1, .precision = impasto::Precision::kFloat32, .winograd = false});
  engine.run(picture, 16, 16, result);
  float largest = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const float difference = std::abs(result[i] - expected[i]);
    if (!(difference <= largest)) largest = difference;  // Written so that a NaN counts.
  }
  return largest;
}
