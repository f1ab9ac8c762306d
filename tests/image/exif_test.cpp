#include "impasto/image/exif.h"

#include <string>
#include <string_view>

#include "support/catch.h"

using namespace impasto;
using namespace std::string_literals;

namespace {

int orientation_in(const std::string& exif) {
  return exif_orientation(std::as_bytes(std::span(exif)));
}

// A directory of two entries, the second of which is the orientation.
const std::string kLittle =
    "II*\0\x08\0\0\0\x02\0"
    "\x0F\x01\x02\0\x01\0\0\0xxxx"
    "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
    "\0\0\0\0"s;
const std::string kBig =
    "MM\0*\0\0\0\x08\0\x02"
    "\x01\x0F\0\x02\0\0\0\x01xxxx"
    "\x01\x12\0\x03\0\0\0\x01\0\x08\0\0"
    "\0\0\0\0"s;

}  // namespace

TEST_CASE("the orientation is found in both byte orders") {
  CHECK(orientation_in(kLittle) == 6);
  CHECK(orientation_in(kBig) == 8);
}

TEST_CASE("a block that is cut anywhere is read without harm") {
  for (std::size_t length = 0; length < 32; ++length) {
    CAPTURE(length);
    CHECK(orientation_in(kLittle.substr(0, length)) == 1);
  }
}

TEST_CASE("values that mean nothing count as upright") {
  std::string exif = kLittle;
  exif[30] = 9;
  CHECK(orientation_in(exif) == 1);
  exif[30] = 0;
  CHECK(orientation_in(exif) == 1);
  exif = kLittle;
  exif[24] = 2;  // A text, not a number.
  CHECK(orientation_in(exif) == 1);
  exif = kLittle;
  exif[4] = exif[5] = exif[6] = exif[7] = '\xFF';  // A directory far past the end.
  CHECK(orientation_in(exif) == 1);
}
