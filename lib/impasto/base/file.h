#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace impasto {

/// The whole file. Throws IoError that names the path and the system's reason.
std::vector<std::byte> read_file(const std::filesystem::path& path);
/// The whole file as text, byte by byte. Throws IoError likewise.
std::string read_text_file(const std::filesystem::path& path);

/// Removes a file; does nothing where there is none. Throws IoError likewise.
void remove_file(const std::filesystem::path& path);

}  // namespace impasto
