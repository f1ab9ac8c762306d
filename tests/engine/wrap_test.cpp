// Pictures whose borders continue at the opposite ones.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/random_model.h"
#include "impasto/base/error.h"
#include "impasto/engine/engine.h"
#include "support/catch.h"
#include "support/message_of.h"

using namespace impasto;

namespace {

struct Planes {
  int width;
  int height;
  std::vector<float> values;

  float& at(int c, int y, int x) {
    return values[(static_cast<std::size_t>(c) * height + y) * width + x];
  }
};

Planes random_texture(int width, int height) {
  return {width, height, random_planes(width, height, 9)};
}

// `across` x `down` copies, then moved by (dx, dy).
Planes laid_out(Planes tile, int across, int down, int dx = 0, int dy = 0) {
  Planes result{tile.width * across, tile.height * down, {}};
  result.values.resize(tile.values.size() * across * down);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < result.height; ++y) {
      for (int x = 0; x < result.width; ++x) {
        result.at(c, y, x) = tile.at(c, (y + dy) % tile.height, (x + dx) % tile.width);
      }
    }
  }
  return result;
}

Planes run(const Engine& engine, const Planes& picture) {
  Planes result = picture;
  REQUIRE(engine.run(picture.values, picture.width, picture.height, result.values));
  return result;
}

float largest_difference(const Planes& a, const Planes& b) {
  REQUIRE(a.values.size() == b.values.size());
  float largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    largest = std::max(largest, std::abs(a.values[i] - b.values[i]));
  }
  return largest;
}

bool bilinear(const NamedConfig& variant) {
  return variant.config.upsample == Upsample::kBilinearConv;
}

}  // namespace

TEST_CASE("a wrapped result moves with its picture, whatever the network") {
  for (const NamedConfig& variant : variants()) {
    if (bilinear(variant)) continue;
    CAPTURE(variant.name);
    const StyleModel model = random_model(variant.config, 3);
    const int threads = variant.config.skip_connections ? 3 : 1;
    const EngineOptions options{.threads = threads, .precision = Precision::kFloat32, .wrap = true};
    const Engine engine(model, options);
    const Planes texture = random_texture(76, 48);
    const Planes result = run(engine, texture);
    // Steps of 4 pixels are whole pixels at a quarter of the resolution.
    const Planes moved = run(engine, laid_out(texture, 1, 1, 28, 44));
    // Winograd's rounding differs from place to place.
    CHECK(largest_difference(moved, laid_out(result, 1, 1, 28, 44)) < 0.1F);
    // The borders do meet only because they are wrapped.
    const Engine plain(model, {.threads = 1, .precision = Precision::kFloat32});
    CHECK(largest_difference(run(plain, laid_out(texture, 1, 1, 28, 44)),
                             laid_out(run(plain, texture), 1, 1, 28, 44)) > 1.0F);
  }
}

TEST_CASE("a wrapped result laid side by side is the result of the picture laid side by side") {
  const Engine engine(random_model(small_config(), 5),
                      {.threads = 2, .precision = Precision::kFloat32, .wrap = true});
  const Planes texture = random_texture(32, 20);
  CHECK(largest_difference(run(engine, laid_out(texture, 3, 2)),
                           laid_out(run(engine, texture), 3, 2)) < 0.1F);
}

TEST_CASE("wrapping is what lies between copies of the picture on all sides") {
  // Without statistics of the whole picture, the middle of nine copies knows no border.
  GeneratorConfig config = small_config();
  config.norm = Norm::kBatch;
  const StyleModel model = random_model(config, 6);
  const Engine wrapped(model, {.precision = Precision::kFloat32, .wrap = true});
  const Engine plain(model, {.precision = Precision::kFloat32});
  const Planes texture = random_texture(100, 80);
  const Planes result = run(wrapped, texture);
  Planes nine = run(plain, laid_out(texture, 3, 3));
  Planes middle = texture;
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 80; ++y) {
      for (int x = 0; x < 100; ++x) middle.at(c, y, x) = nine.at(c, 80 + y, 100 + x);
    }
  }
  CHECK(largest_difference(result, middle) < 0.1F);
}

TEST_CASE("what cannot be wrapped is refused") {
  const Engine engine(random_model(small_config(), 5), {.wrap = true});
  CHECK(message_of<ConfigError>([&] { engine.run(random_picture(30, 32, 1)); }) ==
        "picture: expected sides that are multiples of 4 to wrap around, found 30x32");
  CHECK(message_of<ConfigError>([&] { engine.band_needs(32, 32, 3, {}); }) ==
        "picture: expected one that is run whole, as bands of rows cannot wrap around");
  GeneratorConfig config = small_config();
  config.upsample = Upsample::kBilinearConv;
  const StyleModel model = random_model(config, 5);
  CHECK_THAT(message_of<ConfigError>([&] { Engine(model, {.wrap = true}); }),
             ContainsSubstring("seam_free: expected a model that enlarges otherwise than by "
                               "bilinear_conv"));
}
