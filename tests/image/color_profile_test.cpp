// Embedded colour profiles. The files show four colours, coded in Adobe RGB.

#include <string>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/base/log.h"
#include "impasto/image/image_io.h"
#include "impasto/image/row_io.h"
#include "support/catch.h"
#include "support/pictures.h"

using namespace impasto;

namespace {

const std::vector<Pixel> kSeen = {{200, 40, 40}, {60, 180, 75}, {30, 60, 200}, {230, 225, 120}};

// Largest difference from the colours seen, at the quadrants' centres.
int difference(const Image& image) {
  REQUIRE(image.width() == 32);
  REQUIRE(image.height() == 16);
  int largest = 0;
  for (int i = 0; i < 4; ++i) {
    Pixel pixel = pixel_at(image, 8 + 16 * (i % 2), 4 + 8 * (i / 2));
    pixel.resize(3);
    largest = std::max(largest, largest_difference(pixel, kSeen[static_cast<std::size_t>(i)]));
  }
  return largest;
}

}  // namespace

TEST_CASE("colours of an embedded profile are converted to sRGB in every format") {
  for (const char* name : {"profile.jpg", "profile.png", "profile.webp", "profile.tif"}) {
    CAPTURE(name);
    const bool is_lossy = std::string(name).ends_with("jpg");  // And the profile stretches it.
    CHECK(difference(read_image(golden_picture(name))) <= (is_lossy ? 5 : 2));
    const auto rows = open_rows(golden_picture(name));
    if (rows == nullptr) continue;
    Image image(rows->width(), rows->height());
    rows->read(image.pixels());
    CHECK(image == read_image(golden_picture(name)));
  }
}

TEST_CASE("alpha is no matter of the profile") {
  const Image image = read_image(golden_picture("profile_alpha.png"), {.keep_alpha = true});
  REQUIRE(image.has_alpha());
  CHECK(difference(image) <= 2);
  CHECK(pixel_at(image, 20, 12)[3] == 128);
}

TEST_CASE("16 bits with a profile are converted in 16 bits") {
  const Picture picture = read_picture(golden_picture("profile16.png"));
  REQUIRE(std::holds_alternative<Image16>(picture.pixels));
  const auto& image = std::get<Image16>(picture.pixels);
  CHECK(difference(to_8_bits(image)) <= 1);
  for (int i = 0; i < 4; ++i) {
    const std::uint16_t* pixel = image.row(4 + 8 * (i / 2)) + 3 * (8 + 16 * (i % 2));
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(std::abs(pixel[c] - 257 * kSeen[static_cast<std::size_t>(i)][c]) < 200);
    }
  }
  CHECK(difference(read_image(golden_picture("profile16.png"))) <= 2);
}

TEST_CASE("a damaged profile is passed over with a warning") {
  std::vector<std::string> warnings;
  set_log_sink([&](LogLevel, std::string_view text) { warnings.emplace_back(text); });
  const Image image = read_image(golden_picture("profile_damaged.png"));
  set_log_sink({});
  CHECK(difference(image) > 10);
  const std::string name = golden_picture("profile_damaged.png").string();
  CHECK(warnings ==
        std::vector<std::string>{name + ": damaged colour profile; its colours are taken as sRGB"});
}
