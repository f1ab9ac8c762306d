#include "impasto/infer/blend.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"

using namespace impasto;

namespace {

template <class Sample = std::uint8_t>
BasicImage<Sample> filled(int width, int height, const std::vector<int>& pixel) {
  BasicImage<Sample> image(width, height, static_cast<int>(pixel.size()));
  const auto pixels = image.pixels();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<Sample>(pixel[i % pixel.size()]);
  }
  return image;
}

// A mask that is white where `inside` says.
template <class Inside>
Mask mask_where(int width, int height, const Inside& inside) {
  Image picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::fill_n(picture.row(y) + 3 * x, 3, static_cast<std::uint8_t>(inside(x, y) ? 255 : 0));
    }
  }
  return Mask(picture);
}

double luma_of(const Pixel& p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; }

}  // namespace

TEST_CASE("a blend is one picture at 0, the other at 1, and grows steadily between") {
  const Image photo = gradient(40, 20), style = filled(40, 20, {200, 10, 128});
  CHECK(blend(photo, style, 0) == photo);
  CHECK(blend(photo, style, 1) == style);
  CHECK(blend(filled(1, 1, {0, 100, 255}), filled(1, 1, {100, 100, 5}), 0.25) ==
        filled(1, 1, {25, 100, 193}));  // 192.5 is rounded up.
  double last = 0;
  for (int tenths = 1; tenths <= 10; ++tenths) {
    const Image mixed = blend(photo, style, tenths / 10.0);
    double distance = 0;
    for (std::size_t i = 0; i < mixed.pixels().size(); ++i) {
      distance += std::abs(int{mixed.pixels()[i]} - int{photo.pixels()[i]});
    }
    CHECK(distance > last * 1.05);
    last = distance;
  }
}

TEST_CASE("16 bits a channel are blended as finely as they are stored") {
  const Image16 low = filled<std::uint16_t>(1, 1, {1000, 1000, 65535});
  const Image16 high = filled<std::uint16_t>(1, 1, {1010, 1000, 0});
  CHECK(blend(low, high, 0.3) == filled<std::uint16_t>(1, 1, {1003, 1000, 45875}));
}

TEST_CASE("blending refuses what does not fit") {
  CHECK_THAT(message_of<ConfigError>([] { blend(Image(2, 2), Image(2, 3), 0.5); }),
             ContainsSubstring("expected pictures of one size and number of channels, found 2x2"));
  CHECK_THROWS_AS(blend(Image(2, 2), Image(2, 2), 1.5), ConfigError);
  CHECK_THROWS_AS(blend(Image(2, 2), Image(2, 2), std::nan("")), ConfigError);
}

TEST_CASE("a mask is the brightness of a picture, and nothing where that is transparent") {
  Image picture(3, 1, 4);
  const std::vector<std::uint8_t> pixels = {255, 255, 255, 255, 255, 255, 255, 51, 0, 255, 0, 255};
  std::ranges::copy(pixels, picture.pixels().begin());
  const Mask mask(picture);
  CHECK(int{mask.row(0)[0]} == 255);
  CHECK(int{mask.row(0)[1]} == 51);
  CHECK(int{mask.row(0)[2]} == 150);  // 0.587 * 255
}

TEST_CASE("a feathered edge is a ramp of the given width, and half at the edge") {
  const Mask hard = mask_where(60, 4, [](int x, int) { return x >= 30; });
  for (const int radius : {1, 2, 7, 10}) {
    CAPTURE(radius);
    const std::uint8_t* row = nullptr;
    const Mask soft = hard.feathered(radius);
    row = soft.row(2);
    CHECK(std::is_sorted(row, row + 60));
    CHECK(int{row[30 - radius - 1]} == 0);
    CHECK(int{row[30 - radius]} > 0);
    CHECK(int{row[30 + radius - 1]} < 255);
    CHECK(int{row[30 + radius]} == 255);
    CHECK(std::abs(row[29] + row[30] - 255) <= 2);
  }
  CHECK(hard.feathered(0).row(0)[29] == 0);
  CHECK(Mask().feathered(5).covers_all());
  CHECK(mask_where(5, 5, [](int, int) { return true; }).feathered(20).row(0)[0] == 255);
  CHECK_THROWS_AS(hard.feathered(-1), ConfigError);
}

TEST_CASE("a picture shows inside its mask, the photo outside, both in grey") {
  const Image photo = filled(4, 1, {100, 100, 100});
  Image grey(4, 1);
  for (int x = 0; x < 4; ++x) std::fill_n(grey.row(0) + 3 * x, 3, std::uint8_t(85 * x));
  const std::vector<MaskedImage<std::uint8_t>> areas = {{filled(4, 1, {200, 40, 100}), Mask(grey)}};
  const Image result = compose<std::uint8_t>(photo, areas);
  CHECK(pixel_at(result, 0, 0) == Pixel{100, 100, 100});
  CHECK(pixel_at(result, 1, 0) == Pixel{133, 80, 100});
  CHECK(pixel_at(result, 3, 0) == Pixel{200, 40, 100});
}

TEST_CASE("masks that meet share their pixels, and leave nothing of the photo between") {
  const auto left = mask_where(40, 2, [](int x, int) { return x < 20; }).feathered(6);
  const auto right = mask_where(40, 2, [](int x, int) { return x >= 20; }).feathered(6);
  const std::vector<MaskedImage<std::uint8_t>> areas = {{filled(40, 2, {10, 0, 0}), left},
                                                        {filled(40, 2, {10, 200, 0}), right},
                                                        {filled(40, 2, {10, 0, 100}), right}};
  const Image result = compose<std::uint8_t>(filled(40, 2, {255, 255, 255}), areas);
  for (int x = 0; x < 40; ++x) {
    CAPTURE(x);
    CHECK(std::abs(pixel_at(result, x, 0)[0] - 10) <= 1);
  }
  CHECK(pixel_at(result, 39, 1) == Pixel{10, 100, 50});  // Two that cover it share it.
}

TEST_CASE("a mask of another size is refused") {
  const std::vector<MaskedImage<std::uint8_t>> areas = {{Image(4, 4), Mask(Image(3, 4))}};
  CHECK(message_of<ConfigError>([&] { compose<std::uint8_t>(Image(4, 4), areas); }) ==
        "mask: expected the picture's size, 4x4, found 3x4");
}

TEST_CASE("kept colours have the result's brightness and the photo's hue") {
  const Image photo = gradient(32, 32);
  Image result(32, 32);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      const std::uint8_t value = static_cast<std::uint8_t>(255 * ((x * 7 + y * 3) % 32) / 31);
      const std::uint8_t pixel[] = {value, static_cast<std::uint8_t>(255 - value), 30};
      std::copy_n(pixel, 3, result.row(y) + 3 * x);
    }
  }
  const Image kept = keep_color(photo, result);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      const Pixel a = pixel_at(photo, x, y), b = pixel_at(result, x, y), c = pixel_at(kept, x, y);
      REQUIRE(std::abs(luma_of(c) - luma_of(b)) <= 1);
      // The differences from grey keep their proportions.
      const double r = a[0] - luma_of(a), g = a[1] - luma_of(a), b_ = a[2] - luma_of(a);
      const double R = c[0] - luma_of(c), G = c[1] - luma_of(c), B = c[2] - luma_of(c);
      REQUIRE(std::abs(r * G - g * R) <= 1.5 * (std::abs(r) + std::abs(g)));
      REQUIRE(std::abs(g * B - b_ * G) <= 1.5 * (std::abs(g) + std::abs(b_)));
    }
  }
  CHECK(keep_color(photo, photo) == photo);
  // Worked out by hand: Y 60 becomes 200, so blue has room for 55 above it and not for 140.
  const Image blue = filled(1, 1, {20, 60, 166});
  CHECK(largest_difference(pixel_at(keep_color(blue, filled(1, 1, {200, 200, 200})), 0, 0),
                           Pixel{179, 200, 255}) <= 1);
}
