#pragma once

#include <filesystem>

namespace impasto {

/// Keeps a folder for one writer while it lives: two that write the same files would mix them. Held
/// by the file `.lock` in it, which stays behind; the system lets go when a process ends, however
/// it ends.
class FolderLock {
 public:
  /// `what` writes into it, for the message: "a training". Throws IoError where another holds it,
  /// where the file cannot be made, and where the file system knows no locks.
  FolderLock(const std::filesystem::path& folder, const char* what);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

}  // namespace impasto
