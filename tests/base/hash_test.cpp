#include "impasto/base/hash.h"

#include "support/catch.h"
#include "support/files.h"

namespace impasto {
namespace {

// The test vectors published with the function.
TEST_CASE("Bytes hash as FNV-1a does") {
  CHECK(Hash().value() == 0xcbf29ce484222325);
  CHECK(Hash().add(to_bytes("a")).value() == 0xaf63dc4c8601ec8c);
  CHECK(Hash().add(to_bytes("foobar")).value() == 0x85944171f73967e8);
  CHECK(Hash().add(to_bytes("foo")).add(to_bytes("bar")).text() == "85944171f73967e8");
}

TEST_CASE("Texts and numbers are told apart by where they end") {
  CHECK(Hash().add("ab").add("c").value() != Hash().add("a").add("bc").value());
  CHECK(Hash().add(std::uint64_t{1}).value() != Hash().add(std::uint64_t{256}).value());
}

}  // namespace
}  // namespace impasto
