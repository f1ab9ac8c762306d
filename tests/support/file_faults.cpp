// Preloaded into a program (LD_PRELOAD), lets a disk fill up or a power cut happen at one chosen
// moment of writing a checkpoint:
//
//     IMPASTO_FILE_FAULT=fsync:2:kill     the second fsync of a file in a folder `checkpoints` is
//                                         the moment the process is killed, before it is done
//     IMPASTO_FILE_FAULT=write:1:full     from the first write on, the disk is full

#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Fault {
  std::string call;
  int number = 0;
  bool kills = false;
};

const Fault& fault() {
  static const Fault parsed = [] {
    Fault result;
    char call[16] = "", kind[16] = "";
    const char* text = std::getenv("IMPASTO_FILE_FAULT");
    if (text != nullptr && std::sscanf(text, "%15[^:]:%d:%15s", call, &result.number, kind) == 3) {
      result.call = call;
      result.kills = std::strcmp(kind, "kill") == 0;
    }
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
  static int calls = 0;
  if (fault().call != call || path.find("/checkpoints") == std::string::npos) return false;
  if (++calls < fault().number) return false;
  if (fault().kills) kill(getpid(), SIGKILL);
  errno = ENOSPC;
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

int fsync(int file) {
  static auto* const real = next<int(int)>("fsync");
  return strikes("fsync", path_of(file)) ? -1 : real(file);
}

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return strikes("rename", to) ? -1 : real(from, to);
}
}
