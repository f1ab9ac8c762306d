#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace impasto {

/// The whole file. Throws IoError that names the path and the system's reason.
std::vector<std::byte> read_file(const std::filesystem::path& path);
std::string read_text_file(const std::filesystem::path& path);

/// Does nothing where there is no such file. Throws IoError likewise.
void remove_file(const std::filesystem::path& path);

}  // namespace impasto
