#include "impasto/base/image.h"

#include <algorithm>
#include <array>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"

namespace impasto {
namespace {

Image filled(int width, int height, std::vector<std::uint8_t> pixel) {
  Image image(width, height, static_cast<int>(pixel.size()));
  for (std::size_t i = 0; i < image.pixels().size(); ++i)
    image.pixels()[i] = pixel[i % pixel.size()];
  return image;
}

std::vector<std::uint8_t> pixel_at(const Image& image, int x, int y) {
  const std::uint8_t* pixel = image.row(y) + x * image.channels();
  return {pixel, pixel + image.channels()};
}

using Pixel = std::vector<std::uint8_t>;

TEST_CASE("An image is black, and its rows follow one another without padding") {
  Image image(5, 3);
  CHECK(image.stride() == 15);
  CHECK(image.pixels().size() == 45);
  CHECK(std::ranges::all_of(image.pixels(), [](auto value) { return value == 0; }));
  image.row(2)[4] = 9;
  CHECK(image.pixels()[2 * 15 + 4] == 9);
  CHECK(Image().empty());
  CHECK_FALSE(image.empty());
}

TEST_CASE("16 bits and 8 bits become one another with white as white") {
  Image image(86, 1);
  for (int i = 0; i < 256; ++i) image.pixels()[i] = static_cast<std::uint8_t>(i);
  const Image16 deep = to_16_bits(image);
  CHECK(deep.pixels()[0] == 0);
  CHECK(deep.pixels()[1] == 257);
  CHECK(deep.pixels()[255] == 65535);
  CHECK(to_8_bits(deep) == image);
  Image16 between(1, 1);
  between.pixels()[0] = 128;  // of 257: below a half
  between.pixels()[1] = 129;
  between.pixels()[2] = 65407;
  const Image rounded = to_8_bits(between);
  CHECK(int{rounded.pixels()[0]} == 0);
  CHECK(int{rounded.pixels()[1]} == 1);
  CHECK(int{rounded.pixels()[2]} == 255);
  CHECK(to_16_bits(Image()).empty());
}

TEST_CASE("An image refuses a size or a number of channels that makes no picture") {
  CHECK(message_of<ConfigError>([] { Image(0, 3); }) ==
        "image: expected a positive width and height, found 0x3");
  CHECK(message_of<ConfigError>([] { Image(2, -1); }) ==
        "image: expected a positive width and height, found 2x-1");
  CHECK(message_of<ConfigError>([] { Image(2, 2, 1); }) ==
        "image: expected 3 or 4 channels, found 1");
}

TEST_CASE("Dropping alpha keeps the colours, and putting it back restores the picture") {
  Image rgba = filled(3, 2, {10, 20, 30, 40});
  rgba.row(1)[4 + 3] = 77;
  const Image rgb = drop_alpha(rgba);
  CHECK(rgb == filled(3, 2, {10, 20, 30}));
  CHECK(drop_alpha(rgb) == rgb);
  CHECK(with_alpha_of(rgb, rgba) == rgba);
  CHECK(with_alpha_of(filled(3, 2, {1, 2, 3, 4}), rgba).row(0)[3] == 40);
}

TEST_CASE("Alpha is taken only from a picture of the same size that has it") {
  CHECK(message_of<ConfigError>([] { with_alpha_of(Image(2, 2), Image(2, 3, 4)); }) ==
        "with_alpha_of: expected two pictures of one size, found 2x2 and 2x3");
  CHECK(message_of<ConfigError>([] { with_alpha_of(Image(2, 2), Image(2, 2)); }) ==
        "with_alpha_of: expected an alpha channel to copy, found 3 channels");
}

TEST_CASE("Side by side, pictures stand in a row on white, centred, without alpha") {
  const std::array<Image, 2> pictures = {filled(2, 5, {1, 1, 1}), filled(3, 1, {2, 2, 2, 0})};
  const Image row = side_by_side(pictures, 4);
  CHECK(row.width() == 2 + 4 + 3);
  CHECK(row.height() == 5);
  CHECK(row.channels() == 3);
  const Pixel white = {255, 255, 255};
  CHECK(pixel_at(row, 1, 4) == Pixel{1, 1, 1});
  CHECK(pixel_at(row, 2, 0) == white);
  CHECK(pixel_at(row, 5, 2) == white);
  CHECK(pixel_at(row, 6, 2) == Pixel{2, 2, 2});
  CHECK(pixel_at(row, 8, 2) == Pixel{2, 2, 2});
  CHECK(pixel_at(row, 6, 1) == white);
  CHECK(pixel_at(row, 6, 3) == white);
}

TEST_CASE("A row needs pictures and a gap that is not negative") {
  CHECK(message_of<ConfigError>([] { side_by_side({}); }) ==
        "side_by_side: expected at least one picture, found none");
  const std::array<Image, 1> one = {Image(4, 4)};
  CHECK(side_by_side(one) == one[0]);
  CHECK(message_of<ConfigError>([&] { side_by_side(one, -1); }) ==
        "side_by_side: expected a gap of at least 0, found -1");
}

}  // namespace

TEST_CASE("A contact sheet fills its rows with pictures in the middle of equal cells") {
  const std::vector<Image> pictures = {
      filled(2, 2, {10, 0, 0}), filled(4, 2, {20, 0, 0}), filled(2, 4, {30, 0, 0, 9})};
  const Image sheet = contact_sheet(pictures, 2, 1);
  REQUIRE(sheet.width() == 9);
  REQUIRE(sheet.height() == 9);
  REQUIRE(sheet.channels() == 3);
  const auto at = [&](int x, int y) { return int{sheet.row(y)[3 * x]}; };
  CHECK(at(0, 1) == 255);
  CHECK(at(1, 1) == 10);
  CHECK(at(2, 2) == 10);
  CHECK(at(4, 1) == 255);
  CHECK(at(5, 1) == 20);
  CHECK(at(8, 2) == 20);
  CHECK(at(1, 5) == 30);
  CHECK(at(5, 5) == 255);
  CHECK(contact_sheet(pictures, 7, 0).width() == 12);
  CHECK_THROWS_AS(contact_sheet({}, 2), ConfigError);
  CHECK_THROWS_AS(contact_sheet(pictures, 0), ConfigError);
}

}  // namespace impasto
