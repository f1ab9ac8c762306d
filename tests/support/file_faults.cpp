// Preloaded into a program (LD_PRELOAD), lets a disk fill up, a power cut happen or a connection
// break at one chosen moment of writing a checkpoint, or of what IMPASTO_FILE_FAULT_IN, a part of
// its path, names:
//
//     IMPASTO_FILE_FAULT=fsync:2:kill     the second fsync of a file in a folder `checkpoints` is
//                                         the moment the process is killed, before it is done
//     IMPASTO_FILE_FAULT=write:1:full     from the first write on, the disk is full
//     IMPASTO_FILE_FAULT=create:1:readonly   no file can be made: the disk is read-only
//     IMPASTO_FILE_FAULT=opendir:1:denied    a folder cannot be read, which root could otherwise
//     IMPASTO_FILE_FAULT=flock:1:unknown     the file system has no locks
//     IMPASTO_FILE_FAULT=writev:1:gone       a connection (`socket:`) breaks before it is written
//     to

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Fault {
  std::string call;
  int number = 0;
  bool kills = false;
  int code = ENOSPC;
  std::string in = "/checkpoints";
};

const Fault& fault() {
  static const Fault parsed = [] {
    Fault result;
    char call[16] = "", kind[16] = "";
    const char* text = std::getenv("IMPASTO_FILE_FAULT");
    if (text != nullptr && std::sscanf(text, "%15[^:]:%d:%15s", call, &result.number, kind) == 3) {
      result.call = call;
      result.kills = std::strcmp(kind, "kill") == 0;
      if (std::strcmp(kind, "readonly") == 0) result.code = EROFS;
      if (std::strcmp(kind, "denied") == 0) result.code = EACCES;
      if (std::strcmp(kind, "unknown") == 0) result.code = ENOSYS;
    }
    if (const char* in = std::getenv("IMPASTO_FILE_FAULT_IN")) result.in = in;
    return result;
  }();
  return parsed;
}

std::string path_of(int file) {
  char target[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t length = readlink(link.c_str(), target, sizeof target);
  return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : "";
}

// Whether this call has to fail.
bool strikes(const char* call, const std::string& path) {
  static std::atomic<int> calls = 0;
  if (fault().call != call || path.find(fault().in) == std::string::npos) return false;
  if (++calls < fault().number) return false;
  if (fault().kills) kill(getpid(), SIGKILL);
  errno = fault().code;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return strikes("write", path_of(file)) ? -1 : real(file, bytes, size);
}

ssize_t writev(int file, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  if (strikes("writev", path_of(file))) shutdown(file, SHUT_RDWR);  // and let the system answer
  return real(file, parts, count);
}

int fsync(int file) {
  static auto* const real = next<int(int)>("fsync");
  return strikes("fsync", path_of(file)) ? -1 : real(file);
}

int flock(int file, int operation) {
  static auto* const real = next<int(int, int)>("flock");
  return strikes("flock", path_of(file)) ? -1 : real(file, operation);
}

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_CREAT) != 0 && strikes("create", path)) return -1;
  return real(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  static auto* const real = next<int(int, const char*, int, ...)>("openat");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_DIRECTORY) != 0 && strikes("opendir", path)) return -1;
  return real(folder, path, flags, mode);
}

DIR* opendir(const char* path) {
  static auto* const real = next<DIR*(const char*)>("opendir");
  return strikes("opendir", path) ? nullptr : real(path);
}

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return strikes("rename", to) ? -1 : real(from, to);
}
}
