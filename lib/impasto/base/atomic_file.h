#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace impasto {

/// Writes `bytes` to `path` so that at any moment, power cuts included, either the old file or the
/// whole new one is there: a temporary file in the same folder, fsync, rename, fsync of the folder.
/// Parent folders are made. Throws IoError that names the file and the system's reason; the
/// temporary file is then removed.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Removes the temporary files in `folder` that a killed process of the above left behind. Called
/// where no other process writes. Throws IoError.
void remove_temporary_files(const std::filesystem::path& folder);

/// Throws IoError unless a file could be created in `folder`, which is made if it is absent: asked
/// before long work.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace impasto
