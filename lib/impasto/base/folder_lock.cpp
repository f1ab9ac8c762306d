#include "impasto/base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "impasto/base/error.h"
#include "impasto/base/log.h"

namespace impasto {

FolderLock::FolderLock(const std::filesystem::path& folder, const char* what) {
  const std::string name = (folder / ".lock").string();
  constexpr int kMode = 0666;  // As the umask leaves it.
  file_ = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (file_ >= 0 && flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  const int code = errno;
  if (file_ >= 0 && (code == ENOSYS || code == ENOLCK || code == EOPNOTSUPP)) {
    log_warning(folder.string() + ": the file system has no locks, so nothing keeps " + what +
                " that is started later from writing into it too");
    return;
  }
  if (file_ >= 0) close(file_);
  if (code == EWOULDBLOCK) {
    throw IoError(folder.string() + ": " + what +
                  " that is still running writes into it: wait for its end, stop it, or give "
                  "another folder");
  }
  throw IoError(name + ": cannot be locked: " + std::generic_category().message(code));
}

FolderLock::~FolderLock() { close(file_); }

}  // namespace impasto
