// Pictures in bands of rows: the same as in one piece, in less memory.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "engine/random_model.h"
#include "impasto/base/error.h"
#include "impasto/base/row_stream.h"
#include "impasto/engine/engine.h"
#include "impasto/engine/isa.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;

/// The least memory with which a picture can be run, so that the features go to disk.
std::uint64_t least_memory(const Engine& engine, int width, int height, int channels = 3) {
  std::uint64_t low = 0, high = kPlenty;
  while (low + 1 < high) {
    const std::uint64_t middle = (low + high) / 2;
    try {
      engine.band_needs(width, height, channels, {.memory = middle});
      high = middle;
    } catch (const ConfigError&) {
      low = middle;
    }
  }
  return high;
}

Image run_in_bands(const Engine& engine,
                   const Image& picture,
                   const BandLimits& limits,
                   std::span<const float> styles = {}) {
  ImageRows source(picture);
  ImageSink sink(picture.width(), picture.height(), 3);
  std::size_t seen = 0;
  const auto done = [&](std::span<const std::uint8_t> result, std::span<const std::uint8_t> photo) {
    REQUIRE(photo.size() / picture.channels() == result.size() / 3);
    REQUIRE(std::equal(photo.begin(), photo.end(), picture.pixels().begin() + seen));
    seen += photo.size();
    sink.write(result);
  };
  REQUIRE(engine.run(source, done, limits, styles));
  sink.finish();
  return sink.take();
}

struct Side {
  int width;
  int height;
};

/// Heights of whole and of broken bands, one row more than some, and pictures lower than a band.
const Side kSides[] = {
    {64, 64}, {37, 257}, {18, 65}, {50, 16}, {33, 17}, {16, 130}, {75, 133}, {41, 19}};

}  // namespace

TEST_CASE("bands give the picture of one piece, for every variant") {
  std::uint64_t seed = 300;
  std::size_t turn = 0;
  const TemporaryFolder folder;
  for (const NamedConfig& variant : variants()) {
    const StyleModel model = random_model(variant.config, seed++);
    const Engine engine(model, {.threads = 2, .precision = Precision::kFloat32});
    std::vector<float> styles(static_cast<std::size_t>(variant.config.styles));
    styles.back() = 1;
    for (int i = 0; i < 2; ++i) {
      const Side side = kSides[turn++ % std::size(kSides)];
      INFO(variant.name << ", " << side.width << "x" << side.height);
      const Image picture = random_picture(side.width, side.height, seed, i == 0 ? 3 : 4);
      const Image whole = [&] {
        Image result(side.width, side.height);
        engine.run(
            picture.pixels(), side.width, side.height, picture.channels(), result.pixels(), styles);
        return result;
      }();
      // A network without norms amplifies rounding with its values.
      CHECK(largest_difference(run_in_bands(engine, picture, {.memory = kPlenty}, styles), whole) <=
            1);
      const std::uint64_t least = least_memory(engine, side.width, side.height, picture.channels());
      CHECK(largest_difference(
                run_in_bands(
                    engine, picture, {.memory = least, .scratch_folder = folder.path()}, styles),
                whole) <= 1);
    }
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("bands give the picture of one piece with every instruction set and precision") {
  const StyleModel model = random_model(small_config(), 5);
  const Image picture = random_picture(45, 203, 6);
  const TemporaryFolder folder;
  for (const engine::Isa isa : engine::available_isas()) {
    for (const Precision precision : {Precision::kFloat32, Precision::kBFloat16}) {
      const Engine engine(model,
                          {.threads = 1, .precision = precision, .isa = engine::name_of(isa)});
      INFO(engine.description());
      const Image whole = engine.run(picture);
      const std::uint64_t least = least_memory(engine, 45, 203);
      const Image found =
          run_in_bands(engine, picture, {.memory = least, .scratch_folder = folder.path()});
      // A statistic's last digit may round a value to its neighbour in bfloat16.
      CHECK(largest_difference(found, whole) <= (precision == Precision::kFloat32 ? 1 : 6));
    }
  }
}

TEST_CASE("statistics of bands are those of the whole picture") {
  // Half black, half white: with the statistics of a band of its own, a half would be grey.
  const Engine engine(random_model(small_config(), 8), {.precision = Precision::kFloat32});
  Image picture(48, 512);
  std::fill(picture.pixels().begin() + picture.pixels().size() / 2, picture.pixels().end(), 255);
  const Image whole = engine.run(picture);
  const TemporaryFolder folder;
  const BandLimits limits{.memory = least_memory(engine, 48, 512), .scratch_folder = folder.path()};
  CHECK(largest_difference(run_in_bands(engine, picture, limits), whole) <= 1);
  Image half(48, 256);
  const Image alone = engine.run(half);
  Image upper(48, 256);
  std::copy_n(whole.pixels().begin(), upper.pixels().size(), upper.pixels().begin());
  REQUIRE(alone.pixels().size() == upper.pixels().size());
  CHECK(largest_difference(alone, upper) > 2);
}

TEST_CASE("bands take what they say, and it hardly grows with the picture's height") {
  const Engine engine(random_model(GeneratorConfig(), 1),
                      {.threads = 2, .precision = Precision::kFloat32});
  const int side = 20000;
  const std::uint64_t limit = std::uint64_t{1} << 30;
  const BandNeeds needs = engine.band_needs(side, side, 3, {.memory = limit});
  CHECK(needs.memory <= limit);
  // Two layers of 128 channels in float32 at a quarter of the resolution.
  CHECK(needs.scratch == std::uint64_t{2} * 128 * 4 * (side / 4) * (side / 4));
  CHECK(engine.workspace_bytes(side, side) > 40 * limit);
  const BandNeeds twice = engine.band_needs(side, 2 * side, 3, {.memory = limit});
  CHECK(twice.memory < needs.memory + (1 << 20));

  const BandNeeds inside = engine.band_needs(1000, 1000, 3, {.memory = limit});
  CHECK(inside.scratch == 0);
  CHECK(inside.memory <= limit);
}

TEST_CASE("networks without statistics need no second look and no store") {
  GeneratorConfig config = small_config();
  config.norm = Norm::kBatch;
  const Engine engine(random_model(config, 2));
  const BandNeeds needs = engine.band_needs(2000, 100'000, 3, {.memory = 64 << 20});
  CHECK(needs.scratch == 0);
  CHECK(needs.memory <= 64 << 20);
}

TEST_CASE("progress of bands rises to 1, and a stopped run leaves nothing on disk") {
  const Engine engine(random_model(small_config(), 3), {.threads = 2});
  const Image picture = random_picture(64, 200, 4);
  const TemporaryFolder folder;
  const BandLimits limits{.memory = least_memory(engine, 64, 200), .scratch_folder = folder.path()};
  ImageRows source(picture);
  std::vector<double> told;
  const auto ignore = [](std::span<const std::uint8_t>, std::span<const std::uint8_t>) {};
  REQUIRE(engine.run(source, ignore, limits, {}, [&](double done) {
    told.push_back(done);
    return true;
  }));
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 1.0);

  for (const std::size_t stop : {std::size_t{1}, told.size() / 2, told.size()}) {
    std::size_t calls = 0;
    CHECK(!engine.run(source, ignore, limits, {}, [&](double) { return ++calls < stop; }));
    CHECK(calls == stop);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("what a source, a sink or progress throws in bands reaches the caller") {
  const Engine engine(random_model(small_config(), 3), {.threads = 2});
  const Image picture = random_picture(64, 200, 4);
  const TemporaryFolder folder;
  const BandLimits limits{.memory = least_memory(engine, 64, 200), .scratch_folder = folder.path()};

  class Failing final : public RowSource {
   public:
    int width() const override { return 64; }
    int height() const override { return 200; }
    int channels() const override { return 3; }
    void rewind() override {}
    void read(std::span<std::uint8_t>) override { throw IoError("torn"); }
  };
  Failing failing;
  const auto ignore = [](std::span<const std::uint8_t>, std::span<const std::uint8_t>) {};
  CHECK(message_of<IoError>([&] { engine.run(failing, ignore, limits); }) == "torn");
  ImageRows source(picture);
  const auto full = [](std::span<const std::uint8_t>, std::span<const std::uint8_t>) {
    throw IoError("full");
  };
  CHECK(message_of<IoError>([&] { engine.run(source, full, limits); }) == "full");
  CHECK(message_of<std::out_of_range>([&] {
          engine.run(
              source, ignore, limits, {}, [](double) -> bool { throw std::out_of_range("x"); });
        }) == "x");
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(largest_difference(run_in_bands(engine, picture, limits), engine.run(picture)) <= 6);
}

TEST_CASE("bands that do not fit are refused with what is missing") {
  const Engine engine(random_model(small_config(), 3));
  const Image picture = random_picture(64, 200, 4);
  ImageRows source(picture);
  const auto ignore = [](std::span<const std::uint8_t>, std::span<const std::uint8_t>) {};
  CHECK_THAT(message_of<ConfigError>([&] { engine.run(source, ignore, {.memory = 1000}); }),
             ContainsSubstring("memory: expected at least ") &&
                 ContainsSubstring(" for a picture of 64x200, found 1.0 KiB"));
  // 300,000 x 300,000 pixels: 1.3 PiB of features.
  const int side = 300'000;
  class Endless final : public RowSource {
   public:
    int width() const override { return 300'000; }
    int height() const override { return 300'000; }
    int channels() const override { return 3; }
    void rewind() override {}
    void read(std::span<std::uint8_t>) override { throw IoError("read"); }
  };
  Endless endless;
  const TemporaryFolder folder;
  CHECK(engine.band_needs(side, side, 3, {.memory = kPlenty / 64}).scratch > 0);
  CHECK_THAT(message_of<IoError>([&] {
               engine.run(
                   endless, ignore, {.memory = kPlenty / 64, .scratch_folder = folder.path()});
             }),
             ContainsSubstring(folder.path().string() + ": expected room for a scratch file of ") &&
                 ContainsSubstring(", found "));
}
