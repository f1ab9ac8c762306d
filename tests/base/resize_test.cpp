#include "impasto/base/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/pictures.h"

using namespace impasto;

namespace {

std::string size_text(const Image& image) {
  return std::to_string(image.width()) + "x" + std::to_string(image.height());
}

}  // namespace

TEST_CASE("shrinking averages areas") {
  Image image(4, 2);
  const int values[2][4] = {{0, 100, 10, 20}, {100, 200, 30, 40}};
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 4; ++x) image.row(y)[3 * x] = static_cast<std::uint8_t>(values[y][x]);
  }
  const Image half = resize(image, 2, 1);
  CHECK(pixel_at(half, 0, 0) == Pixel{100, 0, 0});  // (0 + 100 + 100 + 200) / 4
  CHECK(pixel_at(half, 1, 0) == Pixel{25, 0, 0});   // (10 + 20 + 30 + 40) / 4
}

TEST_CASE("an axis that shrinks is averaged although the other grows") {
  Image image(4, 1);
  for (int x = 0; x < 4; ++x) image.row(0)[3 * x] = static_cast<std::uint8_t>(x < 2 ? 200 * x : 60);
  const Image result = resize(image, 2, 3);
  for (int y = 0; y < 3; ++y) {
    CHECK(pixel_at(result, 0, y) == Pixel{100, 0, 0});
    CHECK(pixel_at(result, 1, y) == Pixel{60, 0, 0});
  }
}

TEST_CASE("enlarging keeps a flat picture flat and a slope a slope") {
  Image flat(5, 7);
  for (auto& value : flat.pixels()) value = 77;
  const Image larger = resize(flat, 50, 70);
  CHECK(std::all_of(larger.pixels().begin(), larger.pixels().end(), [](int v) { return v == 77; }));

  const Image slope = resize(gradient(32, 32), 64, 64);
  // Away from the borders, output pixel x shows input position (x + 0.5) / 2 - 0.5.
  for (int x = 16; x < 48; ++x) {
    const double position = (x + 0.5) / 2 - 0.5;
    CHECK(pixel_at(slope, x, 32)[0] == Approx(255 * position / 31).margin(2));
  }
}

TEST_CASE("an area that covers parts of pixels takes their shares") {
  Image image(3, 1);
  for (int x = 0; x < 3; ++x) image.row(0)[3 * x] = static_cast<std::uint8_t>(90 * x);
  const Image result = resize(image, 2, 1);
  CHECK(pixel_at(result, 0, 0)[0] == 30);   // (0 + 90 / 2) / 1.5
  CHECK(pixel_at(result, 1, 0)[0] == 150);  // (90 / 2 + 180) / 1.5
}

TEST_CASE("enlarging keeps fine lines apart, as no average would") {
  Image lines(40, 3);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 40; x += 4) lines.row(y)[3 * x] = lines.row(y)[3 * x + 3] = 200;
  }
  const Image larger = resize(lines, 160, 3);
  // Input pixels 20 and 21 are bright, 22 and 23 dark; their centres lie at 4 x + 2.
  CHECK(pixel_at(larger, 84, 1)[0] > 200);
  CHECK(pixel_at(larger, 92, 1)[0] < 10);
}

TEST_CASE("the colour of transparent pixels does not bleed out") {
  Image image(2, 1, 4);
  const int values[8] = {200, 100, 50, 255, /**/ 0, 255, 0, 0};
  for (int i = 0; i < 8; ++i) image.row(0)[i] = static_cast<std::uint8_t>(values[i]);
  const Pixel pixel = pixel_at(resize(image, 1, 1), 0, 0);
  CHECK(largest_difference(pixel, {200, 100, 50, 128}) <= 1);
}

TEST_CASE("sides are scaled in proportion and rounded") {
  CHECK(size_text(resize_short_side(Image(300, 200), 100)) == "150x100");
  CHECK(size_text(resize_short_side(Image(200, 301), 100)) == "100x151");
  CHECK(size_text(resize_short_side(Image(10, 30), 256)) == "256x768");
  CHECK(size_text(limit_long_side(Image(300, 200), 100)) == "100x67");
  CHECK(size_text(limit_long_side(Image(1, 1000), 10)) == "1x10");
}

TEST_CASE("a picture of the wanted size is returned unchanged") {
  const Image image = gradient(30, 20, 4);
  CHECK(resize(image, 30, 20) == image);
  CHECK(limit_long_side(image, 30) == image);
  CHECK(limit_long_side(image, 1000) == image);
}

TEST_CASE("empty pictures and sides below 1 are refused") {
  CHECK_THROWS_AS(resize(Image(), 10, 10), ConfigError);
  CHECK_THROWS_WITH(resize(Image(2, 2), 0, 10),
                    ContainsSubstring("expected a side of at least 1 pixel, found 0"));
  CHECK_THROWS_AS(limit_long_side(Image(2, 2), -5), ConfigError);
}

TEST_CASE("a scaled tile still tiles") {
  // Whole waves along each axis: their samples are known at any size.
  const auto wave = [](int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const double phase =
            2 * std::numbers::pi * (4 * (x + 0.5) / width + 2 * (y + 0.5) / height);
        for (int c = 0; c < 3; ++c) {
          image.row(y)[3 * x + c] =
              static_cast<std::uint8_t>(std::lround(128 + 100 * std::sin(phase)));
        }
      }
    }
    return image;
  };
  CHECK(largest_difference(resize_tile(wave(30, 45), 32, 48), wave(32, 48)) <= 2);
  CHECK(largest_difference(resize_tile(wave(32, 48), 30, 45), wave(30, 45)) <= 2);
  // Borders are as right as the middle only because the window goes on at the opposite one.
  CHECK(largest_difference(resize(wave(30, 45), 32, 48), wave(32, 48)) > 2);
  CHECK(resize_tile(wave(30, 45), 30, 45) == wave(30, 45));
}

TEST_CASE("a tile of one colour keeps it, whatever its size") {
  Image flat(1, 3);
  for (auto& value : flat.pixels()) value = 77;
  const Image larger = resize_tile(flat, 4, 4), smaller = resize_tile(larger, 3, 1);
  CHECK(std::ranges::all_of(larger.pixels(), [](int v) { return v == 77; }));
  CHECK(std::ranges::all_of(smaller.pixels(), [](int v) { return v == 77; }));
}
