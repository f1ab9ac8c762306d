// `stylize` with a tiny model of random weights: pictures in, pictures out.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "impasto/image/alpha.h"
#include "impasto/image/image_io.h"
#include "impasto/image/resize.h"
#include "impasto/infer/stylizer.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

// One folder and model for all tests, since each run loads libtorch.
class Studio {
 public:
  Studio() {
    tiny_model({"wave", "night=0.7,1"}).save(folder_ / "model.safetensors");
    write_image(folder_ / "photo.png", photo());
  }

  static Image photo() { return gradient(37, 23); }

  fs::path operator/(const std::string& name) const { return folder_ / name; }

  ProgramResult run(const std::string& output, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        "--output", output, "--threads", "1", "--precision", "float32", "--device", "cpu"};
    const auto add_default = [&](const std::string& name, const std::string& value) {
      if (std::find(more.begin(), more.end(), name) == more.end()) {
        arguments.insert(arguments.end(), {name, value});
      }
    };
    add_default("--model", "model.safetensors");
    add_default("--input", "photo.png");
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(IMPASTO_STYLIZE, arguments, folder_.path());
  }

  Image expected(const Image& image, const std::string& style = "") const {
    const Stylizer stylizer =
        Stylizer::load(folder_ / "model.safetensors",
                       {.device = "cpu", .precision = Precision::kFloat32, .threads = 1});
    return stylizer(image, style);
  }

 private:
  TemporaryFolder folder_;
};

int largest_difference(const Image& a, const Image& b) {
  if (a.width() != b.width() || a.height() != b.height() || a.channels() != b.channels())
    return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels()[i]} - int{b.pixels()[i]}));
  }
  return largest;
}

}  // namespace

TEST_CASE("stylize writes what the library computes, of the photo's odd size, into a new folder") {
  const Studio studio;
  const ProgramResult result = studio.run("new/folder/out.png");
  CHECK(result.err == "");
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("new/folder/out.png: 37x23 in "));
  CHECK_THAT(result.out, ContainsSubstring("libtorch") && ContainsSubstring("cpu"));
  CHECK(largest_difference(read_image(studio / "new/folder/out.png"),
                           studio.expected(Studio::photo())) <= 1);
}

TEST_CASE("a style is chosen by its name, commas and all") {
  const Studio studio;
  REQUIRE(studio.run("out.png", {"--set", "style=night=0.7,1"}).exit_code == 0);
  const Image night = studio.expected(Studio::photo(), "night=0.7,1");
  REQUIRE(largest_difference(night, studio.expected(Studio::photo(), "wave")) > 10);
  CHECK(largest_difference(read_image(studio / "out.png"), night) <= 1);
}

TEST_CASE("the smallest picture there is keeps its size and its alpha") {
  const Studio studio;
  Image dot(1, 1, 4);
  dot.pixels()[3] = 77;
  write_image(studio / "dot.png", dot);
  REQUIRE(studio.run("out.png", {"--input", "dot.png"}).exit_code == 0);
  const Image out = read_image(studio / "out.png", {.keep_alpha = true});
  REQUIRE(out.width() == 1);
  REQUIRE(out.height() == 1);
  REQUIRE(out.has_alpha());
  CHECK(out.pixels()[3] == 77);
}

TEST_CASE("alpha is kept in PNG and laid on white in JPEG") {
  const Studio studio;
  const Image clear = gradient(40, 20, 4);
  write_image(studio / "clear, cut out.png", clear);
  REQUIRE(studio.run("out.png", {"--input", "clear, cut out.png"}).exit_code == 0);
  const Image out = read_image(studio / "out.png", {.keep_alpha = true});
  CHECK(largest_difference(out, studio.expected(clear)) <= 1);
  REQUIRE(out.has_alpha());
  CHECK(out.row(5)[4 * 7 + 3] == clear.row(5)[4 * 7 + 3]);

  REQUIRE(studio.run("out.jpg", {"--input", "clear, cut out.png", "--quality", "100"}).exit_code ==
          0);
  CHECK(read_image(studio / "out.jpg", {.keep_alpha = true}).channels() == 3);
}

TEST_CASE("quality changes the size of JPEG and WebP files") {
  const Studio studio;
  for (const std::string extension : {".jpg", ".webp"}) {
    CAPTURE(extension);
    REQUIRE(studio.run("low" + extension, {"--quality", "20"}).exit_code == 0);
    REQUIRE(studio.run("high" + extension, {"--quality", "95"}).exit_code == 0);
    CHECK(fs::file_size(studio / ("low" + extension)) <
          fs::file_size(studio / ("high" + extension)));
    CHECK(read_image(studio / ("low" + extension)).width() == 37);
  }
}

TEST_CASE("--compare writes the photo beside the result, --max-side scales both") {
  const Studio studio;
  REQUIRE(studio.run("pair.png", {"--compare", "--max-side", "20"}).exit_code == 0);
  const Image small = limit_long_side(Studio::photo(), 20);
  REQUIRE(small.width() == 20);
  const std::vector<Image> pair = {small, studio.expected(small)};
  CHECK(largest_difference(read_image(studio / "pair.png"), side_by_side(pair)) <= 1);
}

TEST_CASE("a config file can hold everything but the pictures") {
  const Studio studio;
  fs::create_directory(studio / "configs");
  std::ofstream(studio / "configs/c.json")
      << R"({"model": "../model.safetensors", "style": "wave", "max_side": 16, "threads": 1})";
  const ProgramResult result =
      run_program(IMPASTO_STYLIZE,
                  {"--config", "configs/c.json", "--input", "photo.png", "--output", "out.png"},
                  (studio / ".").lexically_normal());
  CHECK(result.err == "");
  REQUIRE(result.exit_code == 0);
  CHECK(read_image(studio / "out.png").width() == 16);
}

TEST_CASE("an absent device exits with 1 and leaves nothing behind") {
  const Studio studio;
  const ProgramResult result = studio.run("out.png", {"--device", "cuda:63"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("stylize: "));
  CHECK_FALSE(fs::exists(studio / "out.png"));
}
