#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

/// What a program left behind.
struct ProgramResult {
  int exit_code = -1;  ///< 128 plus the signal's number when one ended it.
  std::string out;
  std::string err;
  std::size_t peak_memory = 0;  ///< Bytes that were resident at most, at least the test's own.
};

/// A program that runs beside the test, as a user would start it.
class Program {
 public:
  /// `folder` is its working directory; empty: the test's own. `input` is its standard input.
  Program(const std::filesystem::path& file,
          const std::vector<std::string>& arguments,
          const std::filesystem::path& folder = {},
          const std::filesystem::path& input = "/dev/null") {
    std::vector<std::string> words = {file.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = (streams_ / "out").string(), err = (streams_ / "err").string();
    id_ = fork();
    if (id_ < 0) throw std::runtime_error("fork failed");
    if (id_ == 0) {
      const int flags = O_WRONLY | O_CREAT | O_TRUNC;
      const bool ready = dup2(open(input.c_str(), O_RDONLY), STDIN_FILENO) >= 0 &&
                         dup2(open(out.c_str(), flags, 0600), STDOUT_FILENO) >= 0 &&
                         dup2(open(err.c_str(), flags, 0600), STDERR_FILENO) >= 0 &&
                         (folder.empty() || chdir(folder.c_str()) == 0);
      if (ready) execv(argv[0], argv.data());
      _exit(127);
    }
  }

  ~Program() {
    if (id_ > 0) {
      kill(id_, SIGKILL);
      waitpid(id_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// For instance SIGINT, which is Ctrl-C.
  void send(int signal) { kill(id_, signal); }

  /// What it has written to stderr until now.
  std::string err_so_far() const { return text_of("err"); }

  /// Whether it still runs.
  bool running() {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }

  ProgramResult wait() {
    int status = 0;
    rusage usage{};
    while (wait4(id_, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    id_ = -1;
    ProgramResult result;
    result.peak_memory = static_cast<std::size_t>(usage.ru_maxrss) << 10;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = text_of("out");
    result.err = text_of("err");
    return result;
  }

 private:
  std::string text_of(const std::string& name) const {
    std::ifstream file(streams_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder streams_;
  pid_t id_ = -1;
};

inline ProgramResult run_program(const std::filesystem::path& file,
                                 const std::vector<std::string>& arguments,
                                 const std::filesystem::path& folder = {},
                                 const std::filesystem::path& input = "/dev/null") {
  return Program(file, arguments, folder, input).wait();
}
