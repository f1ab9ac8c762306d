#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace impasto {

/// A file that is written piece by piece and takes its name only when it is whole: until then, and
/// where the object goes without `finish`, an older file of that name stays as it was.
class AtomicFile {
 public:
  /// Makes parent folders, and a temporary file beside `path`. Throws IoError.
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Writes at `position()`, behind what was written last unless `seek` moved it. Throws IoError.
  void write(std::span<const std::byte> bytes);

  /// Anywhere, as formats do that fill in their header at the end; `write` goes on from there.
  void seek(std::uint64_t offset);

  /// Reads back what was written, from where `write` would go on; fewer bytes at the end.
  std::size_t read(std::span<std::byte> bytes);

  /// Byte at which `write` goes on.
  std::uint64_t position() const { return position_; }
  /// Bytes of the file so far.
  std::uint64_t size() const { return size_; }

  /// Makes it lasting, power cuts included, and gives it its name. Throws IoError.
  void finish();

 private:
  class Temporary;
  std::filesystem::path path_;
  std::filesystem::path target_;
  std::unique_ptr<Temporary> file_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
};

/// Writes `bytes` to `path` so that at any moment, power cuts included, either the old file or the
/// whole new one is there: a temporary file in the same folder, fsync, rename, fsync of the folder.
/// Parent folders are made. Throws IoError that names the file and the system's reason; the
/// temporary file is then removed.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
/// The same for text, which is written as it is.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Removes the temporary files in `folder` that a killed process of the above left behind. Called
/// where no other process writes. Throws IoError.
void remove_temporary_files(const std::filesystem::path& folder);

/// Throws IoError unless a file could be created in `folder`, which is made if it is absent: asked
/// before long work.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace impasto
