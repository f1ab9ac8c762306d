#include "impasto/base/memory.h"

#include "support/catch.h"

using namespace impasto;

TEST_CASE("sizes are written with a unit that leaves few digits") {
  CHECK(byte_text(0) == "0 bytes");
  CHECK(byte_text(640) == "640 bytes");
  CHECK(byte_text(1000) == "1.0 KiB");
  CHECK(byte_text(1 << 20) == "1.0 MiB");
  CHECK(byte_text(std::uint64_t{512} << 20) == "512 MiB");
  CHECK(byte_text(std::uint64_t{25'600'000'000}) == "24 GiB");
}

TEST_CASE("sizes are read as people type them") {
  CHECK(parse_bytes("4G") == std::uint64_t{4} << 30);
  CHECK(parse_bytes("512m") == std::uint64_t{512} << 20);
  CHECK(parse_bytes("1.5 GiB") == std::uint64_t{3} << 29);
  CHECK(parse_bytes("64KB") == std::uint64_t{64} << 10);
  CHECK(parse_bytes("1T") == std::uint64_t{1} << 40);
  CHECK(parse_bytes("123456") == std::uint64_t{123456});
  for (const char* wrong : {"",
                            "G",
                            "0",
                            "-1G",
                            "4X",
                            "4GG",
                            "4 G B",
                            "1e9",
                            "inf",
                            "0x10",
                            "0.0001K",
                            "99999999999T"}) {
    INFO(wrong);
    CHECK(!parse_bytes(wrong));
  }
}

TEST_CASE("some memory is available, and less than there could be") {
  CHECK(available_memory() > 0);
  CHECK(available_memory() < std::uint64_t{1} << 50);
}
