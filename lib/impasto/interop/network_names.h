#pragma once

// Private: not installed. What other programs call the modules of the network.

#include <span>
#include <string>
#include <vector>

#include "impasto/interop/import_model.h"

namespace impasto {

struct ModuleName {
  std::string ours;    ///< "encoder.0.conv"
  std::string theirs;  ///< "conv1.conv2d"
};

/// A program whose weights can be read.
struct Dialect {
  std::string program;
  Pixels pixels;
  /// Every module with tensors, in the order of computation.
  std::vector<ModuleName> (*modules)(int residual_blocks);
};

/// Those that are known, Impasto itself among them.
std::span<const Dialect> dialects();

/// The one of pytorch/examples.
const Dialect& examples_dialect();

}  // namespace impasto
