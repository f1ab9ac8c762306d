#include "impasto/infer/guided_enlarge.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "impasto/base/error.h"
#include "impasto/base/random.h"
#include "impasto/base/resize.h"
#include "support/catch.h"
#include "support/pictures.h"

using namespace impasto;

namespace {

// Grey, with edges and fine grain that a scaled-down copy loses.
Image textured(int width, int height) {
  Image image(width, height);
  CounterRandom random(5, 0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool bright = (x / 24 + y / 18) % 2 == 0;
      const double value = (bright ? 170 : 70) + 60 * (random.uniform() - 0.5);
      std::fill_n(image.row(y) + 3 * x, 3, static_cast<std::uint8_t>(value));
    }
  }
  return image;
}

Image inverted(Image image) {
  for (auto& value : image.pixels()) value = static_cast<std::uint8_t>(255 - value);
  return image;
}

}  // namespace

TEST_CASE("the scaled photo itself becomes the photo again, its negative the negative") {
  const Image photo = textured(160, 120);
  const Image small = resize(photo, 40, 30);
  const double blurred = mean_difference(resize(small, 160, 120), photo);
  REQUIRE(blurred > 10);
  CHECK(mean_difference(guided_enlarge(small, photo), photo) < blurred / 5);
  CHECK(mean_difference(guided_enlarge(inverted(small), photo), inverted(photo)) < blurred / 5);
}

TEST_CASE("half the contrast brings back half the detail") {
  const Image photo = textured(160, 120);
  const auto halved = [](Image image) {
    for (auto& value : image.pixels()) value = static_cast<std::uint8_t>(64 + value / 2);
    return image;
  };
  const double blurred =
      mean_difference(resize(halved(resize(photo, 40, 30)), 160, 120), halved(photo));
  CHECK(mean_difference(guided_enlarge(halved(resize(photo, 40, 30)), photo), halved(photo)) <
        blurred / 4);
}

TEST_CASE("what does not follow the photo gets none of its detail") {
  const Image photo = textured(160, 120);
  Image flat(40, 30);
  std::ranges::fill(flat.pixels(), std::uint8_t{90});
  const Image enlarged = guided_enlarge(flat, photo);
  CHECK(std::ranges::all_of(enlarged.pixels(), [](int value) { return value == 90; }));
}

TEST_CASE("a flat photo adds nothing to the strokes") {
  Image flat(100, 80);
  std::ranges::fill(flat.pixels(), std::uint8_t{128});
  const Image strokes = gradient(25, 20);
  CHECK(guided_enlarge(strokes, flat) == resize(strokes, 100, 80));
}

TEST_CASE("16 bits are enlarged as 8 are") {
  const Image photo = textured(96, 64);
  const Image small = inverted(resize(photo, 32, 16));
  const Image16 deep = guided_enlarge(to_16_bits(small), to_16_bits(photo));
  const Image shallow = guided_enlarge(small, photo);
  CHECK(mean_difference(to_8_bits(deep), shallow) < 0.5);
}

TEST_CASE("pictures with alpha are not enlarged") {
  CHECK_THROWS_AS(guided_enlarge(Image(4, 4), Image(8, 8, 4)), ConfigError);
  CHECK_THROWS_AS(guided_enlarge(Image(4, 4), Image()), ConfigError);
}
