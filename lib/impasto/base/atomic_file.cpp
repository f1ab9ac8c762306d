#include "impasto/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {

namespace {

namespace fs = std::filesystem;

// Of temporary files.
constexpr const char* kPrefix = ".impasto-";
constexpr const char* kSuffix = ".tmp";

std::string reason(int code) { return std::generic_category().message(code); }

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void make_folder(const fs::path& folder, const fs::path& for_what) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw IoError(for_what.string() + ": cannot make the folder '" + folder.string() +
                  "': " + error.message());
  }
}

/// A new file that is removed again unless it gets its final name.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& folder, fs::path for_what) : for_what_(std::move(for_what)) {
    static std::atomic<unsigned> counter{0};
    do {
      path_ =
          folder / (kPrefix + std::to_string(getpid()) + "-" + std::to_string(counter++) + kSuffix);
      file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EEXIST);
    if (file_ < 0) throw failed(errno);
  }

  ~TemporaryFile() {
    if (file_ >= 0) close(file_);
    if (!path_.empty()) unlink(path_.c_str());
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw failed(errno);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void seek(std::uint64_t offset) {
    if (lseek(file_, static_cast<off_t>(offset), SEEK_SET) < 0) throw failed(errno);
  }

  std::size_t read(std::span<std::byte> bytes) {
    ssize_t count;
    do {
      count = ::read(file_, bytes.data(), bytes.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) throw failed(errno);
    return static_cast<std::size_t>(count);
  }

  void finish_as(const fs::path& path) {
    if (fsync(file_) != 0) throw failed(errno);
    if (close(std::exchange(file_, -1)) != 0) throw failed(errno);
    if (rename(path_.c_str(), path.c_str()) != 0) throw failed(errno);
    path_.clear();
  }

 private:
  IoError failed(int code) const {
    return IoError(for_what_.string() + ": cannot write: " + reason(code));
  }

  fs::path for_what_;
  fs::path path_;
  int file_ = -1;
};

/// Makes a rename in `folder` survive a power cut.
void sync_folder(const fs::path& folder, const fs::path& for_what) {
  const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = handle >= 0 && fsync(handle) == 0;
  const int code = errno;
  if (handle >= 0) close(handle);
  // Some network file systems cannot sync a folder, and a folder may be writable without being
  // readable.
  if (!synced && code != EINVAL && code != ENOTSUP && code != EACCES) {
    throw IoError(for_what.string() + ": cannot sync its folder: " + reason(code));
  }
}

}  // namespace

class AtomicFile::Temporary : public TemporaryFile {
 public:
  using TemporaryFile::TemporaryFile;
};

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  // A rename would put a plain file in the place of a device or pipe.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw IoError(path.string() + ": cannot write: it is " +
                  (fs::is_directory(status) ? "a folder" : "not a regular file"));
  }
  // A link stays a link: the file that it names is replaced.
  target_ = fs::exists(status) ? fs::canonical(path, error) : path;
  if (target_.empty()) throw IoError(path.string() + ": cannot write: " + error.message());
  make_folder(folder_of(target_), path);
  file_ = std::make_unique<Temporary>(folder_of(target_), path);
}

AtomicFile::~AtomicFile() = default;

void AtomicFile::write(std::span<const std::byte> bytes) {
  file_->write(bytes);
  position_ += bytes.size();
  size_ = std::max(size_, position_);
}

void AtomicFile::seek(std::uint64_t offset) {
  file_->seek(offset);
  position_ = offset;
}

std::size_t AtomicFile::read(std::span<std::byte> bytes) {
  const std::size_t count = file_->read(bytes);
  position_ += count;
  return count;
}

void AtomicFile::finish() {
  file_->finish_as(target_);
  sync_folder(folder_of(target_), path_);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.finish();
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

void remove_temporary_files(const fs::path& folder) {
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    if (unlink(entry.path().c_str()) != 0) {
      throw IoError(entry.path().string() + ": cannot be removed: " + reason(errno));
    }
  }
}

void require_writable_folder(const fs::path& folder) {
  make_folder(folder.empty() ? fs::path(".") : folder, folder);
  TemporaryFile(folder, folder);
}

}  // namespace impasto
