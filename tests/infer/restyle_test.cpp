#include "impasto/infer/restyle.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/resize.h"
#include "impasto/infer/blend.h"
#include "impasto/infer/guided_enlarge.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/tiny_model.h"

using namespace impasto;

namespace {

const Stylizer& tiny() {
  static const Stylizer stylizer(tiny_model({"wave", "night"}),
                                 {.precision = Precision::kFloat32, .threads = 1});
  return stylizer;
}

StyledArea everywhere() { return {.stylizer = &tiny(), .style_weights = {1, 0}}; }

Image run(const Image& photo, const StyledArea& area, const StyleControls& controls = {}) {
  return restyle(photo, std::vector{area}, controls);
}

}  // namespace

TEST_CASE("without controls, restyling is what the Stylizer does") {
  const Image photo = gradient(40, 30, GENERATE(3, 4));
  CHECK(run(photo, everywhere()) == tiny()(photo, "wave"));
  CHECK(restyle(photo, std::span<const StyledArea>()) == photo);
}

TEST_CASE("strength 0 is the photo's pixels, and the effect grows steadily from there") {
  const Image photo = gradient(48, 40, GENERATE(3, 4));
  CHECK(run(photo, everywhere(), {.strength = 0}) == photo);
  CHECK(run(photo, everywhere(), {.strength = 1}) == tiny()(photo, "wave"));
  double last = 0;
  for (int tenths = 1; tenths <= 10; ++tenths) {
    const double difference =
        mean_difference(run(photo, everywhere(), {.strength = tenths / 10.0}), photo);
    CHECK(difference > last * 1.05);
    last = difference;
  }
}

TEST_CASE("outside its mask and feather a style changes nothing") {
  const Image photo = gradient(60, 40);
  Image picture(60, 40);
  for (int y = 0; y < 40; ++y) std::fill_n(picture.row(y) + 3 * 30, 3 * 30, std::uint8_t{255});
  StyledArea area = everywhere();
  area.mask = Mask(picture).feathered(5);
  const Image result = run(photo, area);
  const Image whole = tiny()(photo, "wave");
  for (int y = 0; y < 40; ++y) {
    REQUIRE(std::equal(photo.row(y), photo.row(y) + 3 * 25, result.row(y)));
    REQUIRE(std::equal(whole.row(y) + 3 * 35, whole.row(y) + 3 * 60, result.row(y) + 3 * 35));
  }
  CHECK(pixel_at(result, 30, 20) != pixel_at(whole, 30, 20));
  area.mask = Mask(Image(60, 41));
  CHECK(message_of<ConfigError>([&] { run(photo, area); }) ==
        "mask: expected the picture's size, 60x40, found 60x41");
}

TEST_CASE("several styles take their places at once") {
  const Image photo = gradient(40, 32);
  Image left(40, 32), right(40, 32);
  for (int y = 0; y < 32; ++y) {
    std::fill_n(left.row(y), 3 * 16, std::uint8_t{255});
    std::fill_n(right.row(y) + 3 * 24, 3 * 16, std::uint8_t{255});
  }
  const std::vector<StyledArea> areas = {
      {.stylizer = &tiny(), .style_weights = {1, 0}, .mask = Mask(left)},
      {.stylizer = &tiny(), .style_weights = {0, 1}, .mask = Mask(right)}};
  const Image result = restyle(photo, areas);
  CHECK(pixel_at(result, 3, 9) == pixel_at(tiny()(photo, "wave"), 3, 9));
  CHECK(pixel_at(result, 20, 9) == pixel_at(photo, 20, 9));
  CHECK(pixel_at(result, 30, 9) == pixel_at(tiny()(photo, "night"), 30, 9));

  // Without a mask a style is what lies under the others.
  const Image over = restyle(photo, std::vector{areas[1], everywhere()});
  CHECK(pixel_at(over, 3, 9) == pixel_at(tiny()(photo, "wave"), 3, 9));
  CHECK(pixel_at(over, 30, 9) == pixel_at(tiny()(photo, "night"), 30, 9));
}

TEST_CASE("controls work together in one order: strokes, colours, strength, alpha") {
  const Image photo = gradient(64, 48, 4);
  const Image rgb = drop_alpha(photo);
  const Image strokes = guided_enlarge(tiny()(resize(rgb, 32, 24), "wave"), rgb);
  CHECK(run(photo, everywhere(), {.strength = 0.5, .preserve_color = true, .stroke_size = 2}) ==
        with_alpha_of(blend(rgb, keep_color(rgb, strokes), 0.5), photo));
}

TEST_CASE("strokes larger than the picture leave one pixel to stylize") {
  const Image photo = gradient(20, 3);
  CHECK(run(photo, everywhere(), {.stroke_size = 64}).width() == 20);
}

TEST_CASE("restyling 16 bits gives more than 256 levels and the same picture") {
  const Image photo = gradient(64, 48, 4);
  const Image16 result = restyle(to_16_bits(photo), std::vector{everywhere()});
  CHECK(result.has_alpha());
  const Image coarse = tiny()(photo, "wave");
  int between = 0;
  for (std::size_t i = 0; i < result.pixels().size(); ++i) {
    REQUIRE(std::abs(result.pixels()[i] - 257 * coarse.pixels()[i]) <= 257 / 2 + 1);
    between += result.pixels()[i] % 257 != 0 ? 1 : 0;
  }
  CHECK(between > 1000);
  CHECK(restyle(to_16_bits(photo), std::vector{everywhere()}, {.strength = 0}) ==
        to_16_bits(photo));
}

TEST_CASE("a backend of 8 bits serves pictures of 16") {
  class Copy : public Backend {
   public:
    Image run(const Image& rgb, std::span<const float>, const engine::Progress&) const override {
      return rgb;
    }
    std::string description() const override { return "copy"; }
  };
  StyleModel model;
  model.styles = {"wave"};
  const Stylizer stylizer(std::move(model), std::make_unique<Copy>());
  Image16 photo(16, 16);
  photo.pixels()[0] = 1000;
  Image16 expected(16, 16);
  expected.pixels()[0] = 4 * 257;
  CHECK(stylizer(photo, std::vector<float>{1}) == expected);
}

TEST_CASE("the progress of several areas goes from 0 to 1 once, and can stop them") {
  const Image photo = gradient(40, 32);
  const std::vector<StyledArea> areas = {everywhere(), everywhere()};
  double last = 0;
  restyle(photo, areas, {}, [&](double done) {
    CHECK(done > last);
    last = done;
    return true;
  });
  CHECK(last == 1);
  CHECK(restyle(photo, areas, {}, [](double done) { return done < 0.6; }).empty());
}

TEST_CASE(
    "pictures are changed before the network and after it, and strength mixes in the photo as it "
    "was") {
  const Image photo = gradient(40, 30);
  StyledArea area = everywhere();
  const auto negative = [](const Image& image) {
    Image result = image;
    for (auto& value : result.pixels()) value = static_cast<std::uint8_t>(255 - value);
    return result;
  };
  area.before = negative;
  CHECK(run(photo, area) == tiny()(negative(photo), "wave"));
  area.after = negative;
  CHECK(run(photo, area) == negative(tiny()(negative(photo), "wave")));
  CHECK(run(photo, area, {.strength = 0.5}) ==
        blend(photo, negative(tiny()(negative(photo), "wave")), 0.5));
  CHECK_THAT(message_of<ConfigError>([&] { restyle(to_16_bits(photo), std::vector{area}); }),
             ContainsSubstring("restyle: expected 8 bits a channel"));
}

TEST_CASE("controls out of range are refused") {
  const auto error = [](const StyleControls& controls) {
    return message_of<ConfigError>([&] { run(gradient(16, 16), everywhere(), controls); });
  };
  CHECK_THAT(error({.strength = 1.1}),
             ContainsSubstring("strength: expected a number from 0 to 1"));
  CHECK_THAT(error({.strength = std::nan("")}), ContainsSubstring("strength"));
  CHECK_THAT(error({.stroke_size = 0.5}),
             ContainsSubstring("stroke_size: expected a number from 1"));
  CHECK_THROWS_AS(run(Image(), everywhere()), ConfigError);
  CHECK_THROWS_AS(run(gradient(16, 16), {}), ConfigError);
}
