#pragma once

#include <filesystem>

namespace impasto {

/// Keeps a folder for one writer while it lives: two that write the same files would mix them. Held
/// by the file `.lock` in it, which stays behind; the system lets go when a process ends, however
/// it ends.
class FolderLock {
 public:
  /// `what` writes into it, for the messages: "a training". Throws IoError where another holds it
  /// and where the file cannot be made. A file system that has no locks (some of clusters) leaves
  /// the folder open to others, with a warning.
  FolderLock(const std::filesystem::path& folder, const char* what);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

}  // namespace impasto
