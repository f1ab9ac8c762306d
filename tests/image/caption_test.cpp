// Names below pictures.

#include "impasto/image/caption.h"

#include <algorithm>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/pictures.h"

using namespace impasto;

namespace {

/// Columns [first, second) below row `top` that are not all white; 0, 0 where all are.
std::pair<int, int> written_columns(const Image& image, int top) {
  int first = 0, end = 0;
  for (int x = 0; x < image.width(); ++x) {
    for (int y = top; y < image.height(); ++y) {
      if (pixel_at(image, x, y) == Pixel{255, 255, 255}) continue;
      if (end == 0) first = x;
      end = x + 1;
    }
  }
  return {first, end};
}

}  // namespace

TEST_CASE("a caption stands below the picture, in its middle, and leaves the picture as it is") {
  const Image photo = gradient(301, 40);
  const Image image = captioned(photo, "wave");
  REQUIRE(image.width() == 301);
  REQUIRE(image.height() > 40 + 12);
  CHECK(std::equal(photo.pixels().begin(), photo.pixels().end(), image.pixels().begin()));
  const auto [first, end] = written_columns(image, 40);
  CHECK(end - first > 30);
  CHECK(std::abs(first - (301 - end)) <= 4);
  // Black enough to be read, with white above and below.
  int darkest = 255;
  for (int y = 40; y < image.height(); ++y) {
    for (int x = 0; x < 301; ++x) darkest = std::min(darkest, pixel_at(image, x, y)[0]);
  }
  CHECK(darkest < 60);
  for (int x = 0; x < 301; ++x) {
    CHECK(pixel_at(image, x, 40) == Pixel{255, 255, 255});
    CHECK(pixel_at(image, x, image.height() - 1) == Pixel{255, 255, 255});
  }
}

TEST_CASE("a caption that is too long is cut, and none leaves its strip") {
  const std::string name(300, 'W');
  for (const int width : {1, 97, 301, 1500}) {
    CAPTURE(width);
    const Image image = captioned(gradient(width, 5), name);
    CHECK(image.width() == std::max(width, 96));
    const auto [first, end] = written_columns(image, 5);
    CHECK(first > 0);
    CHECK(end < image.width());
    // As wide as it may be, up to a letter and the dots.
    CHECK(end - first > image.width() - 30 * std::max(1, width / 512) - 30);
    // What is cut does not matter.
    CHECK(captioned(gradient(width, 5), name + "xyz") == image);
  }
}

TEST_CASE("letters grow with the picture, and what is not ASCII is a question mark") {
  CHECK(captioned(gradient(1024, 5), "a").height() - 5 ==
        2 * (captioned(gradient(512, 5), "a").height() - 5));
  CHECK(captioned(gradient(100, 5), "caf\xC3\xA9") == captioned(gradient(100, 5), "caf?"));
  CHECK(written_columns(captioned(gradient(100, 5), ""), 5) == std::pair(0, 0));
  CHECK_THROWS_AS(captioned(Image(), "a"), ConfigError);
}
