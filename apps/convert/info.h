#pragma once

#include <filesystem>
#include <string>

namespace impasto::cli {

/// What is in a file of weights, for people: what it is, what it was made from, every tensor.
/// Throws IoError or FormatError.
std::string info_text(const std::filesystem::path& path);

}  // namespace impasto::cli
