#pragma once

// Private: not installed.

#include <map>
#include <string>
#include <vector>

#include "impasto/interop/import_model.h"

namespace impasto {

/// A tensor of another program that has been given its place.
struct ForeignTensor {
  std::string name;  ///< There.
  HostTensor values;
};

/// Another program's network, sorted: its tensors by our names, biases in front of norms and
/// running statistics among them.
struct ForeignStyle {
  std::string program;
  Pixels pixels;
  std::map<std::string, ForeignTensor> tensors;
  std::map<std::string, std::vector<std::int64_t>> strangers;  ///< Without a place: name to shape.
  std::map<std::string, std::string> names;  ///< Ours to theirs, of every module that has a place.
};

/// Makes a style model of it; see import_style.
ImportedStyle assemble(ForeignStyle style, const std::string& where, const ImportOptions& options);

}  // namespace impasto
