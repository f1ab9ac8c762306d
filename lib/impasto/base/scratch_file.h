#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace impasto {

/// Room on disk for what does not fit in memory. The file has no name: it is gone with the object,
/// and with the process however that ends.
class ScratchFile {
 public:
  /// Reserves `size` bytes in `folder`; an empty path is the system's folder for temporary files.
  /// Throws IoError that names the folder, where there is less room or it cannot be written.
  ScratchFile(const std::filesystem::path& folder, std::uint64_t size);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Writes all of `bytes` from byte `offset` on. Throws IoError.
  void write(std::uint64_t offset, std::span<const std::byte> bytes);

  /// Fills `bytes` with what was written from byte `offset` on. Throws IoError.
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;

  /// Says that these bytes are read soon: the system may fetch them meanwhile.
  void prefetch(std::uint64_t offset, std::uint64_t size) const;

 private:
  std::filesystem::path folder_;
  int file_ = -1;
};

}  // namespace impasto
