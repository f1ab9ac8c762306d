#include "impasto/base/scratch_file.h"

#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

std::vector<std::byte> counted(std::size_t size, int first) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(first + static_cast<int>(i));
  return bytes;
}

/// Lets no file of this process grow beyond `bytes`: a disk that fills up.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a scratch file gives back what was written, wherever, and has no name") {
  const TemporaryFolder folder;
  ScratchFile file(folder.path(), 100'000);
  CHECK(std::filesystem::is_empty(folder.path()));
  const auto first = counted(1000, 1), second = counted(1000, 77);
  file.write(90'000, first);
  file.write(500, second);
  file.prefetch(0, 100'000);
  std::vector<std::byte> found(1000);
  file.read(90'000, found);
  CHECK(found == first);
  file.read(500, found);
  CHECK(found == second);
}

TEST_CASE("a scratch file that is larger than the disk's room is refused") {
  const TemporaryFolder folder;
  const std::uint64_t size = std::uint64_t{1} << 60;
  CHECK_THAT(message_of<IoError>([&] { ScratchFile(folder.path(), size); }),
             ContainsSubstring(folder.path().string() +
                               ": expected room for a scratch file of 1048576 TiB, found "));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a scratch file in no folder is refused") {
  const TemporaryFolder folder;
  CHECK_THAT(message_of<IoError>([&] { ScratchFile(folder / "none", 10); }),
             ContainsSubstring("none: cannot make a scratch file: No such file or directory"));
}

TEST_CASE("a disk that is full is told before anything is computed, and nothing is left") {
  const TemporaryFolder folder;
  {
    const SmallDisk disk(10'000);
    CHECK_THAT(
        message_of<IoError>([&] { ScratchFile(folder.path(), 20'000); }),
        ContainsSubstring(folder.path().string() + ": cannot reserve 20 KiB for a scratch file: "));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a disk that fills up later is told by the write") {
  const TemporaryFolder folder;
  ScratchFile file(folder.path(), 20'000);
  const SmallDisk disk(10'000);
  file.write(5000, counted(5000, 0));
  CHECK_THAT(message_of<IoError>([&] { file.write(9000, counted(5000, 0)); }),
             ContainsSubstring(folder.path().string() + ": cannot write a scratch file: "));
}
