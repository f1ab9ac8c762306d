#include "impasto/train/augmentation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "support/catch.h"
#include "train/memory_images.h"

using impasto::augment;
using impasto::DataConfig;
using impasto::Image;

namespace {

DataConfig crops(int side, double min_scale = 0.6, bool flip = true) {
  DataConfig data;
  data.image_size = side;
  data.min_scale = min_scale;
  data.flip = flip;
  return data;
}

// Red is the column, green the row, both times `step`.
Image coordinates(int width, int height, int step) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.row(y)[3 * x] = static_cast<std::uint8_t>(x * step);
      image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(y * step);
      image.row(y)[3 * x + 2] = 200;
    }
  }
  return image;
}

int value(const at::Tensor& pixels, int channel, int y, int x) {
  return pixels[channel][y][x].item<int>();
}

}  // namespace

TEST_CASE("A photo of the crop's own short side is cropped without any filtering") {
  const auto data = crops(8, 0.6, false);
  const Image photo = coordinates(11, 8, 20);
  std::map<int, int> places;
  for (std::uint64_t sample = 0; sample < 400; ++sample) {
    const auto pixels = augment(photo, data, sample);
    REQUIRE(pixels.sizes() == at::IntArrayRef({3, 8, 8}));
    REQUIRE(pixels.scalar_type() == at::kByte);
    const int left = value(pixels, 0, 0, 0) / 20;
    ++places[left];
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        REQUIRE(value(pixels, 0, y, x) == (left + x) * 20);
        REQUIRE(value(pixels, 1, y, x) == y * 20);
        REQUIRE(value(pixels, 2, y, x) == 200);
      }
    }
  }
  // Four places, 100 each on average, standard deviation 8.7.
  REQUIRE(places.size() == 4);
  for (const auto& [left, count] : places) CHECK(std::abs(count - 100) < 44);
}

TEST_CASE("Half the samples are mirrored") {
  const auto data = crops(8, 0.6, true);
  const Image photo = coordinates(8, 8, 20);
  int mirrored = 0;
  for (std::uint64_t sample = 0; sample < 1000; ++sample) {
    const auto pixels = augment(photo, data, sample);
    const bool flipped = value(pixels, 0, 3, 0) == 140;
    for (int x = 0; x < 8; ++x) REQUIRE(value(pixels, 0, 3, x) == 20 * (flipped ? 7 - x : x));
    mirrored += flipped ? 1 : 0;
  }
  CHECK(std::abs(mirrored - 500) < 80);  // five standard deviations
}

TEST_CASE("Shrinking averages with a triangle as wide as the factor") {
  // Halving a row of four: the first pixel's centre lies at 1.0, its triangle reaches from -1 to 3
  // and weighs the pixels at 0.5, 1.5 and 2.5 as 3 : 3 : 1. (3*0 + 3*70 + 140) / 7 = 50; likewise
  // (70 + 3*140 + 3*210) / 7 = 160.
  const auto data = crops(2, 1.0, false);
  const auto pixels = augment(coordinates(4, 4, 70), data, 0);
  CHECK(std::abs(value(pixels, 0, 0, 0) - 50) <= 1);
  CHECK(std::abs(value(pixels, 0, 1, 1) - 160) <= 1);
  CHECK(std::abs(value(pixels, 1, 0, 1) - 50) <= 1);
  CHECK(std::abs(value(pixels, 1, 1, 0) - 160) <= 1);
  CHECK(value(pixels, 2, 0, 0) == 200);
}

TEST_CASE("Crop sides run from the smallest allowed to the short side") {
  // Inside, the slope of a ramp of 12 a pixel grows with the crop's side s: 12 s / 8 a pixel, so
  // three pixels apart the values differ by 4.5 s.
  const auto sides = [](double min_scale) {
    const auto data = crops(8, min_scale, false);
    const Image photo = coordinates(20, 16, 12);
    std::map<long, int> counts;
    for (std::uint64_t sample = 0; sample < 600; ++sample) {
      const auto pixels = augment(photo, data, sample);
      ++counts[std::lround((value(pixels, 0, 4, 5) - value(pixels, 0, 4, 2)) / 4.5)];
    }
    return counts;
  };
  const auto all = sides(0.1);  // image_size is the floor: 8 to 16
  REQUIRE(all.size() == 9);
  CHECK(all.begin()->first == 8);
  CHECK(all.rbegin()->first == 16);
  for (const auto& [side, count] : all) CHECK(std::abs(count - 66.7) < 39);  // five deviations
  const auto some = sides(0.85);  // ceil(13.6) = 14 to 16
  REQUIRE(some.size() == 3);
  CHECK(some.begin()->first == 14);
}

TEST_CASE("A crop is a function of the seed and the sample") {
  const auto data = crops(16);
  const Image photo = noise_image(40, 30, 1);
  CHECK(at::equal(augment(photo, data, 5), augment(photo, data, 5)));
  CHECK_FALSE(at::equal(augment(photo, data, 5), augment(photo, data, 6)));
  DataConfig other = data;
  other.seed = 43;
  CHECK_FALSE(at::equal(augment(photo, data, 5), augment(photo, other, 5)));
}

TEST_CASE("Alpha is ignored") {
  const Image opaque = noise_image(20, 20, 3);
  Image clear(20, 20, 4);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) {
      for (int c = 0; c < 3; ++c) clear.row(y)[4 * x + c] = opaque.row(y)[3 * x + c];
    }
  }
  const auto data = crops(8);
  for (std::uint64_t sample = 0; sample < 8; ++sample) {
    CHECK(at::equal(augment(clear, data, sample), augment(opaque, data, sample)));
  }
}
