#pragma once

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A file of the project, by its path from the root.
inline std::filesystem::path project_file(const std::string& path) {
  return std::filesystem::path(IMPASTO_SOURCE_DIR) / path;
}

/// Makes parent folders, and the file with `content`; returns `path`.
inline std::filesystem::path write_test_file(const std::filesystem::path& path,
                                             std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream << content;
  if (!stream.flush()) throw std::runtime_error(path.string() + ": cannot write");
  return path;
}

inline std::vector<std::byte> to_bytes(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  if (!bytes.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}
