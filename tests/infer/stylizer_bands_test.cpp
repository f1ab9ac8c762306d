// Pictures that do not fit in the memory that a Stylizer may take.

#include <algorithm>
#include <cstdlib>

#include "impasto/base/error.h"
#include "impasto/infer/restyle.h"
#include "impasto/infer/stylizer.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

using namespace impasto;

namespace {

constexpr int kWidth = 120, kHeight = 333;

Stylizer stylizer_with(std::uint64_t memory, const TemporaryFolder& folder) {
  return Stylizer(tiny_model({"wave", "night"}),
                  {.precision = Precision::kFloat32,
                   .threads = 2,
                   .memory = memory,
                   .scratch_folder = folder.path()});
}

/// Room for the pictures and for low bands, not for the features beside them.
std::uint64_t little_memory(int channels) {
  return std::uint64_t{kWidth} * kHeight * (2 * channels) + (700 << 10);
}

}  // namespace

TEST_CASE("a picture that does not fit is stylized in bands, to the same pixels") {
  const TemporaryFolder folder;
  const int channels = GENERATE(3, 4);
  const Image photo = gradient(kWidth, kHeight, channels);
  const Stylizer large = stylizer_with(1 << 30, folder);
  const Stylizer small = stylizer_with(little_memory(channels), folder);
  CHECK(large.fits(kWidth, kHeight, channels));
  CHECK(!small.fits(kWidth, kHeight, channels));
  const float weights[] = {0.3F, 0.7F};
  const Image whole = large(photo, weights);
  CHECK(largest_difference(small(photo, weights), whole) <= 1);
  CHECK(largest_difference(small(photo, "night"), large(photo, "night")) <= 1);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("rows in, rows out, in one piece and in bands") {
  const TemporaryFolder folder;
  const int channels = GENERATE(3, 4);
  const Image photo = gradient(kWidth, kHeight, channels);
  const Stylizer large = stylizer_with(1 << 30, folder);
  const Image whole = large(photo, "night");
  for (const Stylizer& stylizer : {large, stylizer_with(little_memory(channels), folder)}) {
    ImageRows rows(photo);
    ImageSink result(kWidth, kHeight, channels);
    REQUIRE(stylizer(rows, result, "night"));
    CHECK(largest_difference(result.take(), whole) <= 1);
  }
}

TEST_CASE("16 bits stay 16 bits in bands") {
  const TemporaryFolder folder;
  const int channels = GENERATE(3, 4);
  Image16 photo = to_16_bits(gradient(kWidth, kHeight, channels));
  std::uint16_t more = 0;
  for (std::uint16_t& value : photo.pixels()) {
    value = static_cast<std::uint16_t>(value ^ (more = (more + 77) % 128));
  }
  const Stylizer large = stylizer_with(1 << 30, folder);
  const Stylizer small = stylizer_with(2 * little_memory(channels), folder);
  REQUIRE(!small.fits(kWidth, kHeight, channels, 2));
  const std::vector<float> weights = {0.3F, 0.7F};
  const Image16 whole = large(photo, weights);
  const auto largest = [&](const Image16& found) {
    REQUIRE(found.pixels().size() == whole.pixels().size());
    int difference = 0;
    for (std::size_t i = 0; i < whole.pixels().size(); ++i) {
      difference = std::max(difference, std::abs(int{found.pixels()[i]} - int{whole.pixels()[i]}));
    }
    return difference;
  };
  const Image16 found = small(photo, weights);
  // Rounding in float32, of 65535.
  CHECK(largest(found) <= 64);
  CHECK(found != to_16_bits(to_8_bits(found)));
  // By rows too, with controls that change nothing, in one piece and in bands.
  for (const Stylizer* stylizer : {&large, &small}) {
    BasicImageRows<std::uint16_t> rows(photo);
    BasicImageSink<std::uint16_t> result(kWidth, kHeight, channels);
    REQUIRE(restyle(rows, result, {.stylizer = stylizer, .style_weights = weights}));
    CHECK(largest(result.take()) <= 64);
  }
  // And with some that do.
  const StyleControls controls{.strength = 0.6, .preserve_color = true};
  const StyledArea areas[] = {{.stylizer = &large, .style_weights = weights}};
  const Image16 expected = restyle(photo, areas, controls);
  BasicImageRows<std::uint16_t> rows(photo);
  BasicImageSink<std::uint16_t> result(kWidth, kHeight, channels);
  REQUIRE(restyle(rows, result, {.stylizer = &small, .style_weights = weights}, controls));
  const Image16 mixed = result.take();
  CHECK(largest_difference(to_8_bits(mixed), to_8_bits(expected)) <= 1);
  BasicImageRows<std::uint16_t> again(photo);
  ImageSink shallow(kWidth, kHeight, channels);
  CHECK_THROWS_WITH(small(again, shallow, weights),
                    ContainsSubstring("channels of 16 bits, found 120x333 with "));
}

TEST_CASE("a picture too narrow for the network is stylized whole whatever the memory") {
  const TemporaryFolder folder;
  const Image photo = gradient(7, 900);
  CHECK(stylizer_with(1000, folder)(photo) == stylizer_with(1 << 30, folder)(photo));
}

TEST_CASE("memory that does not hold the smallest band is refused") {
  const TemporaryFolder folder;
  const Stylizer stylizer = stylizer_with(1000, folder);
  CHECK_THAT(message_of<ConfigError>([&] { stylizer(gradient(kWidth, kHeight)); }),
             ContainsSubstring("memory: expected at least ") &&
                 ContainsSubstring(" for a picture of 120x333, found 0 bytes"));
}

TEST_CASE("streams of other sizes are refused") {
  const TemporaryFolder folder;
  const Image photo = gradient(40, 50, 4);
  ImageRows rows(photo);
  ImageSink result(40, 50, 3);
  CHECK(
      message_of<ConfigError>([&] { stylizer_with(0, folder)(rows, result); }) ==
      "stylizer: expected a result of 40x50 with 4 channels of 8 bits, found 40x50 with 3 channels "
      "of 8 bits");
}

TEST_CASE("a picture in bands tells its progress and stops") {
  const TemporaryFolder folder;
  const Stylizer stylizer = stylizer_with(little_memory(3), folder);
  const Image photo = gradient(kWidth, kHeight);
  int calls = 0;
  CHECK(stylizer(photo, "", [&](double) { return ++calls < 10; }).empty());
  CHECK(calls == 10);
  ImageRows rows(photo);
  ImageSink result(kWidth, kHeight, 3);
  CHECK(!stylizer(rows, result, "", [](double) { return false; }));
}

TEST_CASE("a backend without bands runs whatever fits or not") {
  class Echo final : public Backend {
   public:
    Image run(const Image& rgb, std::span<const float>, const engine::Progress&) const override {
      return rgb;
    }
    std::string description() const override { return "echo"; }
  };
  StyleModel model;
  model.styles = {"wave"};
  const Stylizer stylizer(std::move(model), std::make_unique<Echo>());
  CHECK(stylizer.fits(1'000'000, 1'000'000, 4));
  const Image photo = gradient(20, 30);
  ImageRows rows(photo);
  const auto done = [](std::span<const std::uint8_t>, std::span<const std::uint8_t>) {};
  CHECK(message_of<ConfigError>([&] { Echo().run_in_bands(rows, done, {}, {}, {}); }) ==
        "backend: expected one that runs in bands, found 'echo'");
}

TEST_CASE("controls work by rows as on whole pictures") {
  const TemporaryFolder folder;
  const int channels = GENERATE(3, 4);
  const double strength = GENERATE(0.0, 0.6, 1.0);
  const Image photo = gradient(kWidth, kHeight, channels);
  const Stylizer large = stylizer_with(1 << 30, folder);
  const Stylizer small = stylizer_with(little_memory(channels), folder);
  const StyleControls controls{.strength = strength, .preserve_color = true};
  const std::vector<float> weights = {1, 0};
  const StyledArea areas[] = {{.stylizer = &large, .style_weights = weights}};
  const Image whole = restyle(photo, areas, controls);
  for (const Stylizer* stylizer : {&large, &small}) {
    ImageRows rows(photo);
    ImageSink result(kWidth, kHeight, channels);
    REQUIRE(restyle(rows, result, {.stylizer = stylizer, .style_weights = weights}, controls));
    CHECK(largest_difference(result.take(), whole) <= 1);
  }
}

TEST_CASE("what needs a whole picture is refused by rows") {
  const TemporaryFolder folder;
  const Image photo = gradient(40, 50);
  ImageRows rows(photo);
  ImageSink result(40, 50, 3);
  const Stylizer stylizer = stylizer_with(0, folder);
  CHECK_THAT(
      message_of<ConfigError>(
          [&] { restyle(rows, result, {.stylizer = &stylizer}, {.stroke_size = 2}); }),
      ContainsSubstring("restyle: expected no mask, nothing before or after the network, and "
                        "strokes of size 1"));
  ImageSink other(40, 51, 3);
  CHECK_THAT(message_of<ConfigError>([&] { restyle(rows, other, {.stylizer = &stylizer}); }),
             ContainsSubstring("restyle: expected a result like the photo"));
}
