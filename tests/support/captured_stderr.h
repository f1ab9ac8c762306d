#pragma once

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

/// Collects what the process writes to file descriptor 2, by whatever library, while the object
/// lives.
class CapturedStderr {
 public:
  CapturedStderr() : file_(std::tmpfile()), saved_(dup(STDERR_FILENO)) {
    if (file_ == nullptr || saved_ < 0) throw std::runtime_error("cannot capture stderr");
    std::fflush(stderr);
    dup2(fileno(file_), STDERR_FILENO);
  }
  ~CapturedStderr() {
    std::fflush(stderr);
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    std::fclose(file_);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  std::string text() const {
    std::fflush(stderr);
    std::string result;
    char block[1024];
    std::rewind(file_);
    while (const std::size_t count = std::fread(block, 1, sizeof block, file_)) {
      result.append(block, count);
    }
    std::fseek(file_, 0, SEEK_END);
    return result;
  }

 private:
  std::FILE* file_;
  int saved_;
};
