#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "engine/allocations.h"
#include "engine/random_model.h"
#include "impasto/base/error.h"
#include "impasto/engine/engine.h"
#include "impasto/engine/isa.h"
#include "support/catch.h"

using namespace impasto;

namespace {

StyleModel small_model() { return random_model(small_config(), 3); }

StyleModel model_of_three_styles() {
  GeneratorConfig config = small_config();
  config.norm = Norm::kConditionalInstance;
  config.styles = 3;
  return random_model(config, 4);
}

}  // namespace

TEST_CASE("a picture keeps its size and loses its alpha") {
  const Engine engine(small_model());
  const Image rgba = random_picture(37, 21, 1, 4);
  const Image result = engine.run(rgba);
  CHECK(result.width() == 37);
  CHECK(result.height() == 21);
  CHECK(result.channels() == 3);
  CHECK(result == engine.run(drop_alpha(rgba)));
}

TEST_CASE("bytes are the planes' values, rounded and clamped") {
  const StyleModel model = small_model();
  const Engine engine(model, {.threads = 1, .precision = Precision::kFloat32});
  const int width = 33;
  const int height = 20;
  const Image picture = random_picture(width, height, 2);
  const std::size_t plane = std::size_t{33} * 20;
  std::vector<float> planes(3 * plane);
  for (std::size_t i = 0; i < 3 * plane; ++i) planes[i % 3 * plane + i / 3] = picture.pixels()[i];
  std::vector<float> values(planes.size());
  REQUIRE(engine.run(planes, width, height, values));
  const Image result = engine.run(picture);
  int outside = 0;
  for (std::size_t i = 0; i < 3 * plane; ++i) {
    const float value = values[i % 3 * plane + i / 3];
    outside += value < 0 || value > 255 ? 1 : 0;
    const float clamped = std::min(std::max(value, 0.0f), 255.0f);
    REQUIRE(static_cast<float>(result.pixels()[i]) == std::nearbyint(clamped));
  }
  CHECK(outside > 0);
}

// Mirrored by hand, at the right and at the bottom further up to a multiple of 4, run without a
// margin, cut by hand.
TEST_CASE("a margin is the picture mirrored and cut again") {
  for (const NamedConfig& variant : variants()) {
    const int margin = variant.config.margin;
    if (margin == 0) continue;
    INFO(variant.name);
    const StyleModel model = random_model(variant.config, 13);
    StyleModel bare = model;
    bare.generator.margin = 0;
    const EngineOptions options = {.threads = 2, .precision = Precision::kFloat32};
    for (const auto& [width, height] : {std::pair(40, 28), std::pair(16, 17), std::pair(39, 70)}) {
      const Image picture = random_picture(width, height, 14);
      const auto up = [](int side) { return (side + 3) / 4 * 4; };
      Image mirrored(up(width + 2 * margin), up(height + 2 * margin));
      const auto within = [](int i, int side) {
        return i < 0 ? -i : i < side ? i : 2 * (side - 1) - i;
      };
      for (int y = 0; y < mirrored.height(); ++y) {
        const auto* row = picture.row(within(y - margin, height));
        for (int x = 0; x < mirrored.width(); ++x) {
          std::copy_n(row + 3 * within(x - margin, width), 3, mirrored.row(y) + 3 * x);
        }
      }
      const Image expected = Engine(bare, options).run(mirrored);
      const Image found = Engine(model, options).run(picture);
      REQUIRE(found.width() == width);
      REQUIRE(found.height() == height);
      int largest = 0;
      for (int y = 0; y < height; ++y) {
        const auto* row = expected.row(y + margin) + 3 * margin;
        for (int i = 0; i < 3 * width; ++i) {
          largest = std::max(largest, std::abs(row[i] - found.row(y)[i]));
        }
      }
      // Winograd's tiles and those of the statistics may lie otherwise.
      CHECK(largest <= 1);
    }
  }
}

TEST_CASE("the number of threads changes rounding alone") {
  const StyleModel model = small_model();
  const std::vector<float> planes = random_planes(150, 90, 5);
  std::vector<float> one(planes.size());
  std::vector<float> five(planes.size());
  const Engine engine_1(model, {.threads = 1, .precision = Precision::kFloat32});
  const Engine engine_5(model, {.threads = 5, .precision = Precision::kFloat32});
  REQUIRE(engine_1.run(planes, 150, 90, one));
  REQUIRE(engine_5.run(planes, 150, 90, five));
  for (std::size_t i = 0; i < one.size(); ++i) REQUIRE(std::abs(one[i] - five[i]) < 1e-3f);
}

TEST_CASE("the same engine gives the same bytes every time, whatever came between") {
  const Engine engine(small_model(), {.threads = 3});
  const Image picture = random_picture(64, 48, 6);
  const Image first = engine.run(picture);
  for (int i = 0; i < 5; ++i) {
    engine.run(random_picture(80, 16 + i, 7));
    REQUIRE(engine.run(picture) == first);
  }
}

TEST_CASE("several threads may run one engine at once") {
  for (const int threads : {1, 2}) {
    const Engine engine(small_model(), {.threads = threads});
    const Image pictures[] = {random_picture(48, 32, 8), random_picture(31, 64, 9)};
    const Image wanted[] = {engine.run(pictures[0]), engine.run(pictures[1])};
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&, caller] {
        for (int i = 0; i < 8; ++i) {
          const int number = (caller + i) % 2;
          if (engine.run(pictures[number]) != wanted[number]) ++wrong;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(wrong == 0);
  }
}

TEST_CASE("a further picture of a size allocates nothing") {
  const int threads = GENERATE(1, 2);
  const Engine engine(model_of_three_styles(), {.threads = threads});
  const Image picture = random_picture(70, 50, 10);
  std::vector<std::uint8_t> result(picture.pixels().size());
  const float weights[] = {0.2f, 0.3f, 0.5f};
  engine.prepare(70, 50);
  const long before = allocations();
  for (int i = 0; i < 3; ++i) engine.run(picture.pixels(), 70, 50, 3, result, weights);
  CHECK(allocations() == before);
}

TEST_CASE("progress rises to 1 and can stop the run") {
  const Engine engine(small_model(), {.threads = 2});
  const Image picture = random_picture(32, 32, 11);
  std::vector<double> told;
  const std::thread::id caller = std::this_thread::get_id();
  const Image whole = engine.run(picture, {}, [&](double done) {
    CHECK(std::this_thread::get_id() == caller);
    told.push_back(done);
    return true;
  });
  CHECK(!whole.empty());
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 1.0);

  int calls = 0;
  const Image stopped = engine.run(picture, {}, [&calls](double) { return ++calls < 3; });
  CHECK(stopped.empty());
  CHECK(calls == 3);
  CHECK(engine.run(picture) == whole);
}

TEST_CASE("what progress throws reaches the caller and leaves the engine usable") {
  const Engine engine(small_model(), {.threads = 2});
  const Image picture = random_picture(32, 32, 12);
  const Image wanted = engine.run(picture);
  CHECK_THROWS_AS(engine.run(picture, {}, [](double) -> bool { throw std::out_of_range("x"); }),
                  std::out_of_range);
  CHECK(engine.run(picture) == wanted);
}

TEST_CASE("style weights mix, and none means the first style") {
  const Engine engine(model_of_three_styles());
  const Image picture = random_picture(40, 24, 13);
  const float first[] = {1, 0, 0};
  const float second[] = {0, 1, 0};
  CHECK(engine.run(picture) == engine.run(picture, first));
  CHECK(engine.run(picture) != engine.run(picture, second));
}

TEST_CASE("what does not fit is named") {
  const StyleModel model = small_model();
  const Engine engine(model);
  CHECK_THROWS_WITH(engine.run(Image(15, 64)),
                    "picture: expected sides of at least 16, found 15x64");
  const float weights[] = {1, 0};
  CHECK_THROWS_WITH(engine.run(Image(16, 16), weights),
                    "style weights: expected 1 values, found 2");
  std::vector<float> planes(3 * 16 * 16);
  CHECK_THROWS_WITH(engine.run(planes, 16, 17, planes), "picture: expected 816 values, found 768");
  CHECK_THROWS_WITH(Engine(model, {.threads = -1}), "engine.threads: expected 0 or more, found -1");
  CHECK_THROWS_WITH(Engine(model, {.precision = Precision::kFloat16}),
                    ContainsSubstring("expected auto, float32 or bfloat16"));
  CHECK_THROWS_WITH(Engine(model, {.isa = "sse9"}),
                    "engine.isa: expected auto, portable, avx2, avx512, amx, found 'sse9'");
  StyleModel broken = model;
  broken.tensors.erase("output.conv.bias");
  CHECK_THROWS_AS(Engine(broken), FormatError);
}

TEST_CASE("a plan tells the path of each layer") {
  const Engine engine(random_model(GeneratorConfig(), 1),
                      {.threads = 2, .precision = Precision::kFloat32, .isa = "portable"});
  CHECK(engine.description() == "engine, cpu, portable, float32, 2 threads");
  const std::string plan = engine.describe_plan(250, 130);
  CHECK_THAT(plan, ContainsSubstring("encoder.0.conv: direct, portable, 3 channels 252x132 to 32"));
  CHECK_THAT(plan, ContainsSubstring("residual.4.conv2: winograd, portable"));
  CHECK_THAT(plan, ContainsSubstring("decoder.1.conv: direct, 4 phases, portable"));
  CHECK_THAT(plan, ContainsSubstring("output.conv: row products and sum, portable"));
}

TEST_CASE("the default and the light network take no slow path in any precision") {
  GeneratorConfig config;
  config.block = GENERATE(Block::kStandard, Block::kDepthwiseSeparable);
  const Precision precision = GENERATE(Precision::kFloat32, Precision::kBFloat16);
  const Engine engine(random_model(config, 1), {.precision = precision});
  CHECK_THAT(engine.describe_plan(256, 256), !ContainsSubstring("on load"));
}

TEST_CASE("memory is that of the largest layer and the margins around it") {
  const Engine engine(random_model(GeneratorConfig(), 1),
                      {.threads = 1, .precision = Precision::kFloat32});
  // 32 channels of float32 at full resolution: 128 bytes a pixel. The half-resolution layers before
  // and after are written and read in place; what the residual blocks keep adds two
  // quarter-resolution layers of 32 bytes a pixel.
  const double pixels = 2048.0 * 2048.0;
  const double bytes = static_cast<double>(engine.workspace_bytes(2048, 2048));
  CHECK(bytes / pixels >= 128);
  CHECK(bytes / pixels < 170);
}

TEST_CASE("skip connections keep what they join") {
  GeneratorConfig config;
  config.skip_connections = true;
  const Engine engine(random_model(config, 1), {.threads = 1, .precision = Precision::kFloat32});
  // Two full-resolution layers of 128 bytes a pixel meet in the last stage.
  CHECK(static_cast<double>(engine.workspace_bytes(1024, 1024)) / (1024.0 * 1024.0) >= 256);
}
