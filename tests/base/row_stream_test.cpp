#include "impasto/base/row_stream.h"

#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"

using namespace impasto;

TEST_CASE("a picture is read by rows, as often as asked") {
  const Image picture = gradient(7, 10, 4);
  ImageRows rows(picture);
  CHECK(rows.stride() == 28);
  std::vector<std::uint8_t> found(28 * 10);
  for (int turn = 0; turn < 2; ++turn) {
    rows.rewind();
    rows.read(std::span(found).first(28 * 3));
    rows.read(std::span(found).subspan(28 * 3));
    CHECK(std::equal(found.begin(), found.end(), picture.pixels().begin()));
  }
  CHECK_THAT(message_of<ConfigError>([&] { rows.read(std::span(found).first(28)); }),
             ContainsSubstring("rows to read: expected whole rows of a picture of 10"));
  rows.rewind();
  CHECK_THROWS_AS(rows.read(std::span(found).first(27)), ConfigError);
}

TEST_CASE("a picture is written by rows, and all of them") {
  const Image picture = gradient(7, 10);
  ImageSink sink(7, 10, 3);
  const std::span<const std::uint8_t> pixels = picture.pixels();
  sink.write(pixels.first(21 * 4));
  CHECK(message_of<ConfigError>([&] { sink.finish(); }) == "picture: expected 10 rows, found 4");
  sink.write(pixels.subspan(21 * 4));
  sink.finish();
  CHECK_THROWS_AS(sink.write(pixels.first(21)), ConfigError);
  CHECK(sink.take() == picture);
}
