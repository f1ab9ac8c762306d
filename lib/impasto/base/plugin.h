#pragma once

// Private: not installed.

#include <filesystem>

namespace impasto {

/// Where the file of that name lies beside the library that this code is part of; the bare name,
/// which the system then looks for, when it is not there.
std::filesystem::path beside_this_library(const std::filesystem::path& file_name);

/// Loads a shared library, which registers what it offers, for the rest of the process. Throws
/// IoError with the system's reason.
void load_plugin(const std::filesystem::path& library);

}  // namespace impasto
