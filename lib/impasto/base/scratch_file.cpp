#include "impasto/base/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "impasto/base/error.h"
#include "impasto/base/memory.h"

namespace impasto {

namespace {

namespace fs = std::filesystem;

IoError failed(const fs::path& folder, const std::string& what, int code) {
  return IoError(folder.string() + ": cannot " + what +
                 " a scratch file: " + std::generic_category().message(code));
}

}  // namespace

ScratchFile::ScratchFile(const fs::path& folder, std::uint64_t size) : folder_(folder) {
  std::error_code error;
  if (folder_.empty()) folder_ = fs::temp_directory_path(error);
  const fs::space_info space = fs::space(folder_, error);
  if (error) throw failed(folder_, "make", error.value());
  if (space.available < size) {
    throw IoError(folder_.string() + ": expected room for a scratch file of " + byte_text(size) +
                  ", found " + byte_text(space.available));
  }
  std::string name = (folder_ / ".impasto-scratch-XXXXXX").string();
  file_ = mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) throw failed(folder_, "make", errno);
  unlink(name.c_str());
#if defined(__linux__)
  // Taken now, not by and by: another program could fill the disk meanwhile. Not every file system
  // can; there a later write may fail.
  if (fallocate(file_, 0, 0, static_cast<off_t>(size)) != 0 && errno != EOPNOTSUPP) {
    const int code = errno;
    close(file_);
    throw failed(folder_, "reserve " + byte_text(size) + " for", code);
  }
#endif
}

ScratchFile::~ScratchFile() { close(file_); }

void ScratchFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw failed(folder_, "write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
}

void ScratchFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t done = pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw failed(folder_, "read", errno);
    if (done == 0) throw IoError(folder_.string() + ": a scratch file ends too early");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
}

void ScratchFile::prefetch(std::uint64_t offset, std::uint64_t size) const {
#if defined(__linux__)
  posix_fadvise(file_, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
#else
  static_cast<void>(offset);
  static_cast<void>(size);
#endif
}

}  // namespace impasto
