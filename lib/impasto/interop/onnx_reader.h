#pragma once

// Private: not installed.

#include <cstddef>
#include <span>
#include <string>

#include "impasto/interop/import_model.h"

namespace impasto {

/// import_onnx_style from memory; `name` stands for the path in messages.
ImportedStyle parse_onnx_style(std::span<const std::byte> bytes,
                               const std::string& name,
                               const ImportOptions& options = {});

}  // namespace impasto
