#include "impasto/train/tensorboard_writer.h"

#include <fstream>
#include <span>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/train/crc32c.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using impasto::crc32c;
using impasto::read_text_file;
using impasto::TensorBoardWriter;

namespace {

/// The picture in the golden file: 2x1 pixels, RGB.
std::string golden_png(const std::string& golden) {
  const auto begin = golden.find("\x89PNG");
  const auto end = golden.find("IEND", begin) + 8;
  return golden.substr(begin, end - begin);
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

TEST_CASE("CRC-32C gives the test vectors of RFC 3720") {
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  CHECK(crc32c(rising) == 0x46DD794E);
  CHECK(crc32c(std::string(rising.rbegin(), rising.rend())) == 0x113FDB5C);
  CHECK(crc32c("123456789") == 0xE3069283);
  CHECK(crc32c("") == 0);
}

TEST_CASE("An event file is what TensorBoard's own encoder writes") {
  const auto golden = read_text_file(std::filesystem::path(IMPASTO_SOURCE_DIR) /
                                     "tests/golden/tensorboard.tfevents");
  const TemporaryFolder folder;
  double now = 1700000000.25 - 1;  // read once for the file's name
  TensorBoardWriter writer(folder / "made", {.resumed_after = 200, .clock = [&] { return now++; }});
  writer.write_scalar("loss/content", 201, 0.75);
  writer.write_scalar("loss/content", 300, 0.0);
  writer.write_scalar("loss/content", std::int64_t{1} << 40, -1.5e-7);
  writer.write_image("samples", 300, bytes_of(golden_png(golden)));
  CHECK(read_text_file(writer.path()) == golden);  // flushed: the writer is still there
  CHECK(writer.path().filename().string().starts_with("events.out.tfevents.1699999999."));
}

TEST_CASE("A new run starts no session, and writers do not share a file") {
  const TemporaryFolder folder;
  const auto clock = [] { return 1.7e9; };
  const TensorBoardWriter first(folder.path(), {.clock = clock});
  const TensorBoardWriter second(folder.path(), {.clock = clock});
  CHECK(first.path() != second.path());
  // 8 bytes of length, 4 and 4 of checksums, 9 of time, 15 of the version.
  CHECK(read_text_file(first.path()).size() == 8 + 4 + 9 + 15 + 4);
  CHECK(read_text_file(first.path()) == read_text_file(second.path()));
}

TEST_CASE("What is no PNG is refused before anything is written") {
  const TemporaryFolder folder;
  TensorBoardWriter writer(folder.path());
  const auto before = read_text_file(writer.path());
  for (const std::string& bytes :
       {std::string(), std::string("\xFF\xD8\xFF\xE0"), std::string("\x89PNG\r\n\x1a\n")}) {
    CHECK_THROWS_AS(writer.write_image("samples", 1, bytes_of(bytes)), impasto::FormatError);
    CHECK_THROWS_WITH(writer.write_image("samples", 1, bytes_of(bytes)),
                      ContainsSubstring("TensorBoard: a picture is not PNG"));
  }
  CHECK(read_text_file(writer.path()) == before);
}

TEST_CASE("A folder that cannot be made is named") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  CHECK_THROWS_AS(TensorBoardWriter(folder / "file"), impasto::IoError);
  CHECK_THROWS_WITH(TensorBoardWriter(folder / "file"), ContainsSubstring("file: cannot be"));
}
