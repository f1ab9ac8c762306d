#include "impasto/infer/stylizer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/engine/engine.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/tiny_model.h"

using namespace impasto;

namespace {

struct Call {
  Image rgb;
  std::vector<float> weights;
};

// Inverts the colours and remembers the last call; with `answer` it returns that instead.
class InvertingBackend : public Backend {
 public:
  explicit InvertingBackend(Call* last, Image answer = {})
      : last_(last), answer_(std::move(answer)) {}

  Image run(const Image& rgb,
            std::span<const float> style_weights,
            const engine::Progress& progress) const override {
    if (progress && !progress(0.5)) return Image();
    if (last_ != nullptr) *last_ = {rgb, {style_weights.begin(), style_weights.end()}};
    if (!answer_.empty()) return answer_;
    Image result = rgb;
    for (auto& value : result.pixels()) value = static_cast<std::uint8_t>(255 - value);
    return result;
  }

  std::string description() const override { return "inverter"; }

 private:
  Call* last_;
  Image answer_;
};

StyleModel model_with_styles(std::vector<std::string> styles) {
  StyleModel model;
  model.styles = std::move(styles);
  return model;
}

Stylizer inverter(Call* last = nullptr, Image answer = {}) {
  return Stylizer(model_with_styles({"wave", "night", "iris"}),
                  std::make_unique<InvertingBackend>(last, std::move(answer)));
}

Image inverted(Image image) {
  const int channels = image.channels();
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    const bool alpha = channels == 4 && i % 4 == 3;
    if (!alpha) image.pixels()[i] = static_cast<std::uint8_t>(255 - image.pixels()[i]);
  }
  return image;
}

// As it looks from (dx, dy) in a plane of copies.
Image moved(const Image& image, int dx, int dy) {
  Image result(image.width(), image.height());
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const int from_x = (x + dx) % image.width(), from_y = (y + dy) % image.height();
      std::copy_n(image.row(from_y) + 3 * from_x, 3, result.row(y) + 3 * x);
    }
  }
  return result;
}

int most_in_moving(const Stylizer& stylizer, const Image& photo, int dx, int dy) {
  return largest_difference(stylizer(moved(photo, dx, dy)), moved(stylizer(photo), dx, dy));
}

// A texture that tiles: whole waves along both axes.
Image waves(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double along = 2 * std::numbers::pi * x / width,
                   down = 2 * std::numbers::pi * y / height;
      std::uint8_t* pixel = image.row(y) + 3 * x;
      pixel[0] = static_cast<std::uint8_t>(128 + 100 * std::sin(2 * along + down));
      pixel[1] = static_cast<std::uint8_t>(128 + 100 * std::cos(3 * along - 2 * down));
      pixel[2] = static_cast<std::uint8_t>(128 + 100 * std::sin(along) * std::cos(down));
    }
  }
  return image;
}

// The mean difference of each column from the next; of the last from the first.
std::vector<double> steps_between_columns(const Image& image) {
  std::vector<double> steps(static_cast<std::size_t>(image.width()));
  for (int x = 0; x < image.width(); ++x) {
    for (int y = 0; y < image.height(); ++y) {
      for (int c = 0; c < 3; ++c) {
        const int next = (x + 1) % image.width();
        steps[static_cast<std::size_t>(x)] +=
            std::abs(image.row(y)[3 * x + c] - image.row(y)[3 * next + c]) / (3.0 * image.height());
      }
    }
  }
  return steps;
}

}  // namespace

TEST_CASE("the backend's picture is returned") {
  Call call;
  const Image photo = gradient(33, 17);
  CHECK(inverter(&call)(photo) == inverted(photo));
  CHECK(call.rgb == photo);
}

TEST_CASE("alpha is kept and not shown to the backend") {
  Call call;
  const Image photo = gradient(20, 40, 4);
  CHECK(inverter(&call)(photo) == inverted(photo));
  CHECK(call.rgb == drop_alpha(photo));
}

TEST_CASE("a style is chosen by name, the first by none") {
  Call call;
  const Stylizer stylizer = inverter(&call);
  CHECK(stylizer.styles() == std::vector<std::string>{"wave", "night", "iris"});
  stylizer(gradient(16, 16));
  CHECK(call.weights == std::vector<float>{1, 0, 0});
  stylizer(gradient(16, 16), "iris");
  CHECK(call.weights == std::vector<float>{0, 0, 1});
}

TEST_CASE("styles may be mixed by weights, of which there is one a style") {
  Call call;
  const Stylizer stylizer = inverter(&call);
  const std::vector<float> weights = {0.5F, 0.25F, 0.25F};
  CHECK(stylizer(gradient(16, 16), weights) == inverted(gradient(16, 16)));
  CHECK(call.weights == weights);
  CHECK_THROWS_WITH(stylizer(gradient(16, 16), std::vector<float>{1, 0}),
                    "style weights: expected one a style, 3, found 2");
}

TEST_CASE("the backend tells its progress, which can stop it") {
  const Stylizer stylizer = inverter();
  std::vector<double> told;
  const auto report = [&told](double done) {
    told.push_back(done);
    return told.size() < 2;
  };
  const Image photo = gradient(20, 10, 4);
  CHECK(stylizer(photo, "night", report) == inverted(photo));
  CHECK(stylizer(photo, "night", report).empty());
  CHECK(told == std::vector<double>{0.5, 0.5});
}

TEST_CASE("a seam-free result moves with its picture, of any size") {
  const Stylizer stylizer(tiny_model(), {.precision = Precision::kFloat32, .seam_free = true});
  CHECK(most_in_moving(stylizer, gradient(40, 32), 12, 20) <= 1);
  // 30 pixels are computed as 32, so that 15 are 16, which is a multiple of 4; 15 of 45 likewise.
  CHECK(most_in_moving(stylizer, gradient(30, 30), 15, 15) <= 2);
  CHECK(most_in_moving(stylizer, gradient(45, 30), 15, 15) <= 2);
  // Repeated to be large enough.
  CHECK(most_in_moving(stylizer, gradient(12, 4), 4, 0) <= 1);
  CHECK(most_in_moving(stylizer, gradient(7, 14), 0, 7) <= 2);
  CHECK(stylizer(gradient(1, 1)).width() == 1);
  // It is the wrapping that does it.
  const Stylizer plain(tiny_model(), {.precision = Precision::kFloat32});
  CHECK(most_in_moving(plain, gradient(30, 30), 15, 15) > 4);
  CHECK_THROWS_WITH(Stylizer(tiny_model(), {.backend = "torch", .seam_free = true}),
                    "seam_free: expected the backend engine, found 'torch'");
}

TEST_CASE("where seam-free copies meet, neighbours differ no more than elsewhere") {
  const Stylizer stylizer(tiny_model(), {.precision = Precision::kFloat32, .seam_free = true});
  const Image result = stylizer(waves(61, 43));
  REQUIRE(result.width() == 61);
  REQUIRE(result.height() == 43);
  const std::vector<double> columns = steps_between_columns(result);
  CHECK(columns.back() < 1.5 * *std::max_element(columns.begin(), columns.end() - 1));
  const Stylizer plain(tiny_model(), {.precision = Precision::kFloat32});
  const std::vector<double> torn = steps_between_columns(plain(waves(61, 43)));
  CHECK(torn.back() > columns.back());
}

TEST_CASE("seam-free keeps alpha as it is, and 16 bits") {
  const Stylizer stylizer(tiny_model(), {.precision = Precision::kFloat32, .seam_free = true});
  const Image photo = gradient(30, 21, 4);
  const Image result = stylizer(photo);
  CHECK(drop_alpha(result) == stylizer(drop_alpha(photo)));
  CHECK(result == with_alpha_of(result, photo));
  const Image16 fine = stylizer(to_16_bits(drop_alpha(photo)), std::vector<float>{1});
  CHECK(largest_difference(to_8_bits(fine), drop_alpha(result)) <= 2);
  CHECK(fine != to_16_bits(to_8_bits(fine)));
}

TEST_CASE("a Stylizer computes with the engine unless told otherwise") {
  const Stylizer stylizer(tiny_model({"wave", "night"}), {.precision = Precision::kFloat32});
  CHECK_THAT(stylizer.description(), Catch::Matchers::StartsWith("engine, cpu, "));
  const Engine engine(tiny_model({"wave", "night"}), {.precision = Precision::kFloat32});
  const Image photo = gradient(41, 23);
  const std::vector<float> night = {0, 1}, mix = {0.25F, 0.75F};
  CHECK(stylizer(photo) == engine.run(photo));
  CHECK(stylizer(photo, "night") == engine.run(photo, night));
  CHECK(stylizer(photo, mix) == engine.run(photo, mix));
  CHECK(stylizer(photo, mix) != stylizer(photo, "night"));

  int calls = 0;
  CHECK(stylizer(photo, "wave", [&calls](double) { return ++calls < 3; }).empty());
  CHECK(calls == 3);
}

TEST_CASE("a picture that a device's memory does not hold is computed on the CPU, with a warning") {
  class Full final : public Backend {
   public:
    Image run(const Image&, std::span<const float>, const engine::Progress&) const override {
      throw OutOfMemoryError("out of memory on cuda:0 for a picture of 32x24 pixels");
    }
    std::string description() const override { return "full"; }
  };
  const StyleModel model = tiny_model();
  const Image photo = gradient(32, 24);
  const Image expected = Stylizer(model, {.device = "cpu"})(photo);
  const Stylizer stylizer(model, std::make_unique<Full>());
  std::vector<std::string> warnings;
  set_log_sink([&](LogLevel, std::string_view text) { warnings.emplace_back(text); });
  CHECK(stylizer(photo) == expected);
  const Image16 fine = stylizer(to_16_bits(photo), std::vector{1.0F});
  set_log_sink({});
  CHECK(warnings ==
        std::vector<std::string>(2,
                                 "out of memory on cuda:0 for a picture of 32x24 pixels: it is "
                                 "computed on the CPU"));
  CHECK(fine == Stylizer(model, {.device = "cpu"})(to_16_bits(photo), std::vector{1.0F}));
  ImageRows rows(photo);
  ImageSink result(32, 24, 3);
  REQUIRE(stylizer(rows, result));
  CHECK(result.take() == expected);
  // A model without tensors has nothing to fall back to.
  const Stylizer bare(model_with_styles({"wave"}), std::make_unique<Full>());
  CHECK_THROWS_AS(bare(photo), OutOfMemoryError);
}

TEST_CASE("an unknown style is a ConfigError that lists the names") {
  const Stylizer stylizer = inverter();
  CHECK_THROWS_AS(stylizer(gradient(16, 16), "nigth"), ConfigError);
  CHECK_THROWS_WITH(stylizer(gradient(16, 16), "nigth"),
                    ContainsSubstring("wave, night, iris, found 'nigth', did you mean 'night'?"));
}

TEST_CASE("small pictures are mirrored up for the backend and cropped again") {
  Call call;
  Image photo(3, 20);
  const int values[3] = {10, 20, 30};
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 3; ++x) photo.row(y)[3 * x] = static_cast<std::uint8_t>(values[x]);
  }
  CHECK(inverter(&call)(photo) == inverted(photo));
  REQUIRE(call.rgb.width() == 16);
  REQUIRE(call.rgb.height() == 20);
  // 0 1 2 1 0 1 2 1 ...: the ends are not doubled.
  const int expected[16] = {10, 20, 30, 20, 10, 20, 30, 20, 10, 20, 30, 20, 10, 20, 30, 20};
  for (int x = 0; x < 16; ++x) CHECK(pixel_at(call.rgb, x, 7)[0] == expected[x]);
}

TEST_CASE("every size from one pixel up gives its own size back") {
  Call call;
  const auto size =
      GENERATE(std::pair(1, 1), std::pair(1, 50), std::pair(50, 2), std::pair(15, 16));
  const int channels = GENERATE(3, 4);
  CAPTURE(size.first, size.second, channels);
  const Image photo = gradient(size.first, size.second, channels);
  CHECK(inverter(&call)(photo) == inverted(photo));
  CHECK(std::min(call.rgb.width(), call.rgb.height()) == 16);
}

TEST_CASE("an empty picture and a missing backend are ConfigErrors") {
  CHECK_THROWS_WITH(inverter()(Image()), ContainsSubstring("expected a picture, found an empty"));
  CHECK_THROWS_WITH(Stylizer(model_with_styles({"wave"}), std::unique_ptr<const Backend>()),
                    ContainsSubstring("expected a backend, found none"));
}

TEST_CASE("a backend that returns another size is caught") {
  CHECK_THROWS_WITH(inverter(nullptr, Image(8, 8))(gradient(32, 16)),
                    ContainsSubstring("'inverter': expected an RGB picture of 32x16, found 8x8"));
}

TEST_CASE("several threads may call one Stylizer") {
  const Stylizer stylizer = inverter();
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Image photo = gradient(10 + t, 40, 3 + t % 2);
      for (int i = 0; i < 50; ++i) wrong[t] += stylizer(photo, "night") != inverted(photo);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("the description is the backend's") { CHECK(inverter().description() == "inverter"); }

TEST_CASE("a model file that is missing or no model is an error before any backend is made") {
  CHECK_THROWS_AS(Stylizer::load("absent.safetensors"), IoError);
  CHECK_THROWS_AS(Stylizer::load(golden_picture("rgb.png")), FormatError);
}
