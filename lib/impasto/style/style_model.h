#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "impasto/base/generator_config.h"
#include "impasto/base/safetensors.h"

namespace impasto {

/// A trained style: what `train` saves and `stylize` loads. One safetensors file;
/// docs/model_format.md.
struct StyleModel {
  GeneratorConfig generator;                    ///< The network's shape.
  std::vector<std::string> styles;              ///< `generator.styles` different names, none empty.
  std::map<std::string, HostTensor> tensors;    ///< Exactly those of `parameter_specs(generator)`.
  std::map<std::string, std::string> training;  ///< How it was trained: free text or JSON by key.

  /// Throws FormatError that starts with `where`: for a generator or style names that make no
  /// sense, and, naming the tensor, for one that is missing, not expected, of another shape, no
  /// floating-point type, or not finite.
  void validate(const std::string& where) const;

  /// The result is valid. Throws IoError or FormatError.
  static StyleModel load(const std::filesystem::path& path);

  /// The same of a file that has been read; `where` stands for its path in messages.
  static StyleModel from_tensor_file(TensorFile file, const std::string& where);

  /// What `save` writes, not validated.
  TensorFile to_tensor_file() const;

  /// Validates and writes atomically. Throws FormatError or IoError.
  void save(const std::filesystem::path& path) const;

  /// Position of `name` in `styles`; the first for "". Throws ConfigError that lists the names.
  int style_index(const std::string& name) const;
};

}  // namespace impasto
