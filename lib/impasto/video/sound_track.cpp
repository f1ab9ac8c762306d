#include "impasto/video/sound_track.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <vector>

extern char** environ;

namespace impasto {
namespace {

namespace fs = std::filesystem;

// FFmpeg takes names that begin like "http:" for protocols, and those with '-' for options.
std::string local(const fs::path& path) { return "file:" + fs::absolute(path).string(); }

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of("\r\n ");
  if (end == std::string::npos) return "it failed";
  const std::size_t begin = text.find_last_of("\r\n", end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

/// Runs the program; "" where it succeeds, else its last line on stderr.
std::string run_ffmpeg(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"ffmpeg", "-nostdin", "-loglevel", "error", "-y"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return std::strerror(errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, which Ctrl-C does not reach: the film that was stopped gets its sound too.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t id = 0;
  const int code = posix_spawnp(&id, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(pipe_ends[1]);
  std::string text;
  if (code == 0) {
    std::array<char, 4096> buffer;
    for (;;) {
      const ssize_t count = read(pipe_ends[0], buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  close(pipe_ends[0]);
  if (code != 0) return std::strerror(code);
  int status = 0;
  while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : last_line(text);
}

}  // namespace

bool has_ffmpeg() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path file = fs::path(folder) / "ffmpeg";
    std::error_code absent;
    if (fs::is_regular_file(file, absent) && access(file.c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string join_sound(const fs::path& pictures,
                       const fs::path& sound,
                       const fs::path& output,
                       double seconds) {
  std::string failure;
  for (const char* codec : {"copy", "aac"}) {
    std::vector<std::string> arguments = {"-i", local(pictures)};
    if (seconds > 0) {
      arguments.insert(arguments.end(), {"-t", std::to_string(seconds)});  // Of the next input.
    }
    arguments.insert(arguments.end(),
                     {"-i",
                      local(sound),
                      "-map",
                      "0:v:0",
                      "-map",
                      "1:a?",  // Every sound track, if there are any.
                      "-c:v",
                      "copy",
                      "-c:a",
                      codec,
                      local(output)});
    failure = run_ffmpeg(arguments);
    if (failure.empty()) return failure;
  }
  return failure;
}

}  // namespace impasto
