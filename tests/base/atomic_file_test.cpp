#include "impasto/base/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

std::size_t count_files(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Runs `body` in a child process and returns what it returns.
template <class Body>
std::string in_child_process(const Body& body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string result = body();
    const bool sent = write(ends[1], result.data(), result.size()) >= 0;
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  std::string result;
  char block[256];
  for (ssize_t count; (count = read(ends[0], block, sizeof block)) > 0;) {
    result.append(block, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  return result;
}

TEST_CASE("A file is written piece by piece, anywhere, and appears when it is finished") {
  const TemporaryFolder folder;
  const auto path = write_test_file(folder / "picture.bin", "old");
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  {
    AtomicFile file(path);
    file.write(bytes("....body"));
    CHECK(file.size() == 8);
    file.seek(0);
    file.write(bytes("HEAD"));
    CHECK(file.position() == 4);
    std::vector<std::byte> found(10);
    CHECK(file.read(found) == 4);
    CHECK(found[0] == std::byte{'b'});
    CHECK(file.size() == 8);
    CHECK(read_text_file(path) == "old");
    file.finish();
  }
  CHECK(read_text_file(path) == "HEADbody");
  CHECK(count_files(folder.path()) == 1);
  { AtomicFile(path).write(bytes("never finished")); }
  CHECK(read_text_file(path) == "HEADbody");
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("A file is written with its folders, replaced whole, and nothing is left beside it") {
  const TemporaryFolder folder;
  const auto path = folder / "a/b/model.bin";
  write_file_atomically(path, std::string_view("a longer first text"));
  write_file_atomically(path, std::string_view("second"));
  CHECK(read_text_file(path) == "second");
  CHECK(count_files(path.parent_path()) == 1);
}

TEST_CASE("A new file has the permissions that the umask leaves") {
  const TemporaryFolder folder;
  const mode_t before = umask(022);
  write_file_atomically(folder / "open", std::string_view("x"));
  umask(077);
  write_file_atomically(folder / "private", std::string_view("x"));
  umask(before);
  struct stat status {};
  REQUIRE(stat((folder / "open").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
  REQUIRE(stat((folder / "private").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("A disk that is full leaves the old file and no temporary one") {
  const TemporaryFolder folder;
  const auto path = folder / "model.bin";
  write_file_atomically(path, std::string_view("old"));
  const std::string message = in_child_process([&] {
    // The nearest thing to a full disk that a test can have: files may not grow past 1000 bytes.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    return message_of<IoError>([&] { write_file_atomically(path, std::string(5000, 'x')); });
  });
  CHECK(message == path.string() + ": cannot write: File too large");
  CHECK(read_text_file(path) == "old");
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("A file where a folder has to be is an error that names it") {
  const TemporaryFolder folder;
  const auto file = write_test_file(folder / "file", "x");
  const auto path = file / "model.bin";
  CHECK(message_of<IoError>([&] { write_file_atomically(path, std::string_view("x")); }) ==
        path.string() + ": cannot make the folder '" + file.string() + "': Not a directory");
  CHECK(message_of<IoError>([&] { require_writable_folder(file); }) ==
        file.string() + ": cannot make the folder '" + file.string() + "': Not a directory");
}

TEST_CASE("Folders and devices are never replaced by a file") {
  const TemporaryFolder folder;
  CHECK(message_of<IoError>([&] { write_file_atomically(folder.path(), std::string_view("x")); }) ==
        folder.path().string() + ": cannot write: it is a folder");
  const auto pipe_path = folder / "pipe";
  REQUIRE(mkfifo(pipe_path.c_str(), 0600) == 0);
  CHECK(message_of<IoError>([&] { write_file_atomically(pipe_path, std::string_view("x")); }) ==
        pipe_path.string() + ": cannot write: it is not a regular file");
  CHECK(fs::is_fifo(pipe_path));
}

TEST_CASE("A link stays a link, and the file behind it is replaced") {
  const TemporaryFolder folder;
  const auto target = write_test_file(folder / "real/model.bin", "old");
  fs::create_symlink(target, folder / "link");
  write_file_atomically(folder / "link", std::string_view("new"));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_text_file(target) == "new");
  CHECK(count_files(target.parent_path()) == 1);
}

TEST_CASE("A folder without write permission is refused before long work") {
  const TemporaryFolder folder;
  const auto closed = folder / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::owner_read | fs::perms::owner_exec);
  const auto ask = [&] {
    // Root may write anywhere: become nobody.
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
      return std::string("still root");
    return message_of<IoError>([&] { require_writable_folder(closed); });
  };
  fs::permissions(folder.path(), fs::perms::all);
  if (geteuid() == 0) fs::permissions(closed, fs::perms::others_read | fs::perms::others_exec);
  CHECK(in_child_process(ask) == closed.string() + ": cannot write: Permission denied");
}

TEST_CASE("A writable folder is made where it is absent, and stays empty") {
  const TemporaryFolder folder;
  require_writable_folder(folder / "new/run");
  CHECK(fs::is_directory(folder / "new/run"));
  CHECK(count_files(folder / "new/run") == 0);
}

TEST_CASE("What a killed process left half written is removed, and nothing else") {
  const TemporaryFolder folder;
  write_test_file(folder / ".impasto-123-4.tmp", "half");
  write_test_file(folder / "model.bin", "whole");
  write_test_file(folder / ".impasto-notes", "mine");
  remove_temporary_files(folder.path());
  CHECK_FALSE(fs::exists(folder / ".impasto-123-4.tmp"));
  CHECK(count_files(folder.path()) == 2);
  CHECK_NOTHROW(remove_temporary_files(folder / "absent"));
}

TEST_CASE("Threads that write one file leave one of their texts, never a mixture") {
  const TemporaryFolder folder;
  const auto path = folder / "shared";
  std::vector<std::thread> threads;
  for (char letter = 'a'; letter < 'e'; ++letter) {
    threads.emplace_back([&path, letter] {
      for (int i = 0; i < 10; ++i) write_file_atomically(path, std::string(10'000, letter));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = read_text_file(path);
  CHECK(text == std::string(10'000, text.at(0)));
  CHECK(count_files(folder.path()) == 1);
}

}  // namespace
}  // namespace impasto
