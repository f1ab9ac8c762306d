#include "impasto/base/file.h"

#include <sys/stat.h>

#include <cstdio>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

TEST_CASE("A file is read whole, byte for byte") {
  const TemporaryFolder folder;
  std::string content = "a\r\n\0z";
  content.resize(3'000'001, '\xff');
  const auto path = write_test_file(folder / "file.bin", content);
  CHECK(read_text_file(path) == content);
  CHECK(read_file(path) == to_bytes(content));
  CHECK(read_file(write_test_file(folder / "empty", "")).empty());
}

TEST_CASE("A file without a size is read to its end") {
  // The kernel makes the content of such files up as they are read; their size is given as 0.
  CHECK_THAT(read_text_file("/proc/self/status"), ContainsSubstring("Name:"));
}

TEST_CASE("What cannot be read is named with the system's reason") {
  const TemporaryFolder folder;
  const auto missing = folder / "missing.json";
  CHECK(message_of<IoError>([&] { read_file(missing); }) ==
        missing.string() + ": cannot read: No such file or directory");
  CHECK(message_of<IoError>([&] { read_text_file(folder.path()); }) ==
        folder.path().string() + ": cannot read: Is a directory");
}

}  // namespace
}  // namespace impasto
