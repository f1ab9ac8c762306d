// The controls of `stylize`: strength, colours, masks, mixes, strokes, textures and sheets.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/stylize_studio.h"
#include "impasto/base/resize.h"
#include "impasto/image/caption.h"
#include "impasto/image/image_io.h"
#include "impasto/infer/blend.h"
#include "impasto/infer/restyle.h"
#include "support/catch.h"
#include "support/files.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

class Controls : public StylizeStudio {
 public:
  Controls() { tiny_model({"sea"}).save(*this / "other.safetensors"); }

  Image photo() const { return read_image(*this / "photo.png"); }

  // The picture that a successful run writes.
  Image result(const std::vector<std::string>& more) const {
    const ProgramResult run_result = run("out.png", more);
    INFO(run_result.err);
    REQUIRE(run_result.exit_code == 0);
    return read_image(*this / "out.png", {.keep_alpha = true});
  }

  // White in columns [begin, end).
  void write_mask(const std::string& name, int begin, int end) const {
    Image mask(37, 23);
    for (int y = 0; y < 23; ++y) {
      std::fill(mask.row(y) + 3 * begin, mask.row(y) + 3 * end, std::uint8_t{255});
    }
    write_image(*this / name, mask);
  }

  Stylizer stylizer(const std::string& model, bool seam_free = false) const {
    return Stylizer::load(*this / model,
                          {.precision = Precision::kFloat32, .threads = 1, .seam_free = seam_free});
  }
};

bool equal_columns(const Image& a, const Image& b, int begin, int end) {
  for (int y = 0; y < a.height(); ++y) {
    const Pixel from(a.row(y) + 3 * begin, a.row(y) + 3 * end);
    if (largest_difference(from, Pixel(b.row(y) + 3 * begin, b.row(y) + 3 * end)) > 1) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("--strength mixes pixels, says so, and gives the photo at 0") {
  const Controls studio;
  CHECK(studio.result({"--strength", "0"}) == studio.photo());
  const Image half = blend(studio.photo(), studio.expected(studio.photo()), 0.5);
  CHECK(largest_difference(studio.result({"--strength", "0.5"}), half) <= 1);
  CHECK_THAT(studio.run("out.png", {"--strength", "0.5"}).out,
             ContainsSubstring("; strength 0.5 of pixels)"));
  CHECK(largest_difference(studio.result({"--strength", "1"}), studio.expected(studio.photo())) <=
        1);
}

TEST_CASE("--preserve-color and --stroke-size do what the library does") {
  const Controls studio;
  const Stylizer stylizer = studio.stylizer("model.safetensors");
  const std::vector<StyledArea> everywhere = {{.stylizer = &stylizer, .style_weights = {1, 0}}};
  CHECK(largest_difference(studio.result({"--preserve-color"}),
                           restyle(studio.photo(), everywhere, {.preserve_color = true})) <= 1);
  CHECK(largest_difference(studio.result({"--stroke-size", "1.5"}),
                           restyle(studio.photo(), everywhere, {.stroke_size = 1.5})) <= 1);
}

TEST_CASE("--style mixes styles by their shares") {
  const Controls studio;
  const Stylizer stylizer = studio.stylizer("model.safetensors");
  const std::vector<float> shares = {0.25F, 0.75F};
  const Image mixed = stylizer(studio.photo(), shares);
  REQUIRE(largest_difference(mixed, studio.expected(studio.photo(), "night=0.7,1")) > 3);
  CHECK(largest_difference(studio.result({"--style", "wave=1,night=0.7,1=3"}), mixed) <= 1);
}

TEST_CASE("--mask keeps a style inside it, and --feather fades its edge") {
  const Controls studio;
  studio.write_mask("mask.png", 20, 37);
  const Image whole = studio.expected(studio.photo());
  const Image hard = studio.result({"--mask", "mask.png"});
  CHECK(equal_columns(hard, studio.photo(), 0, 20));
  CHECK(equal_columns(hard, whole, 20, 37));
  const Image soft = studio.result({"--mask", "mask.png", "--feather", "6"});
  CHECK(equal_columns(soft, studio.photo(), 0, 14));
  CHECK(equal_columns(soft, whole, 26, 37));
  CHECK_FALSE(equal_columns(soft, hard, 14, 26));
}

TEST_CASE("several models take the places of their masks at once") {
  const Controls studio;
  studio.write_mask("left.png", 0, 10);
  studio.write_mask("right.png", 30, 37);
  const Image wave = studio.expected(studio.photo());
  const Image sea = studio.stylizer("other.safetensors")(studio.photo());
  REQUIRE_FALSE(equal_columns(wave, sea, 0, 10));
  const ProgramResult run = run_program(IMPASTO_STYLIZE,
                                        {"--mask",
                                         "model.safetensors=left.png",
                                         "--mask",
                                         "other.safetensors=right.png",
                                         "--precision",
                                         "float32",
                                         "--input",
                                         "photo.png",
                                         "--output",
                                         "out.png"},
                                        studio / "");
  REQUIRE(run.exit_code == 0);
  const Image places = read_image(studio / "out.png");
  CHECK(equal_columns(places, wave, 0, 10));
  CHECK(equal_columns(places, studio.photo(), 10, 30));
  CHECK(equal_columns(places, sea, 30, 37));
  // With a model that has no mask of its own, that one takes the rest.
  const Image under = studio.result({"--mask", "other.safetensors=right.png"});
  CHECK(equal_columns(under, wave, 0, 30));
  CHECK(equal_columns(under, sea, 30, 37));
}

TEST_CASE("a mask goes along with a photo that is scaled down, and must have its size before") {
  const Controls studio;
  studio.write_mask("mask.png", 0, 37);
  CHECK(studio.result({"--mask", "mask.png", "--max-side", "20"}).width() == 20);
  write_image(studio / "small.png", Image(20, 12));
  const ProgramResult result = studio.run("bad.png", {"--mask", "small.png"});
  CHECK(result.exit_code == 1);
  CHECK(result.err ==
        "stylize: photo.png: small.png: expected a mask of the picture's size, 37x23, found "
        "20x12\n");
  CHECK_FALSE(fs::exists(studio / "bad.png"));
}

TEST_CASE("--seam-free wraps the picture around") {
  const Controls studio;
  write_image(studio / "tile.png", gradient(32, 24));
  const Image expected = studio.stylizer("model.safetensors", true)(gradient(32, 24));
  CHECK(largest_difference(studio.result({"--seam-free", "--input", "tile.png"}), expected) <= 1);
  // Sides that are no multiples of 4, 37x23, likewise.
  CHECK(largest_difference(studio.result({"--seam-free"}),
                           studio.stylizer("model.safetensors", true)(studio.photo())) <= 1);
}

TEST_CASE("--style-grid shows the photo and every style of a model or a folder of models") {
  const Controls studio;
  // Each 96 pixels wide, which its name has below it.
  const auto part = [](const Image& sheet, int left, int top, int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
      std::copy_n(sheet.row(top + y) + 3 * left, 3 * width, image.row(y));
    }
    return image;
  };
  const auto cell = [&](const Image& sheet, int column, int row) {
    return part(sheet, column * (96 + 8) + (96 - 37) / 2, row * (23 + 22 + 8), 37, 23);
  };
  const auto name = [&](const Image& sheet, int column, int row) {
    return part(sheet, column * (96 + 8), row * (23 + 22 + 8) + 23, 96, 22);
  };
  const Image two = studio.result({"--style-grid"});
  REQUIRE(two.width() == 2 * 96 + 8);
  REQUIRE(two.height() == 2 * (23 + 22) + 8);
  CHECK(name(two, 0, 0) == part(captioned(Image(96, 1), "photo"), 0, 1, 96, 22));
  CHECK(name(two, 1, 0) == part(captioned(Image(96, 1), "wave"), 0, 1, 96, 22));
  CHECK(cell(two, 0, 0) == studio.photo());
  CHECK(largest_difference(cell(two, 1, 0), studio.expected(studio.photo(), "wave")) <= 1);
  CHECK(largest_difference(cell(two, 0, 1), studio.expected(studio.photo(), "night=0.7,1")) <= 1);

  fs::create_directory(studio / "models");
  fs::copy_file(studio / "model.safetensors", studio / "models/b.safetensors");
  fs::copy_file(studio / "other.safetensors", studio / "models/a.safetensors");
  const ProgramResult result = studio.run("out.png", {"--style-grid", "--model", "models"});
  CHECK_THAT(result.out, ContainsSubstring("; photo, a, b: wave, b: night=0.7,1)"));
  const Image four = read_image(studio / "out.png");
  CHECK(largest_difference(cell(four, 1, 0),
                           studio.stylizer("other.safetensors")(studio.photo())) <= 1);
  CHECK(name(four, 0, 1) == part(captioned(Image(96, 1), "b: wave"), 0, 1, 96, 22));
  fs::create_directory(studio / "empty");
  CHECK_THAT(studio.run("out.png", {"--style-grid", "--model", "empty"}).err,
             ContainsSubstring("empty: expected style models, found no file that ends in "
                               ".safetensors"));
}

TEST_CASE("a config drives all controls, and options override it") {
  const Controls studio;
  studio.write_mask("right.png", 30, 37);
  write_test_file(studio / "sub/c.json",
                  R"({"model": "../model.safetensors", "strength": 0.25, "preserve_color": true,
                      "stroke_size": 2, "masks": ["../other.safetensors=../right.png"],
                      "feather": 3, "style": "", "threads": 1, "precision": "float32"})");
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"--config", "sub/c.json", "--input", "photo.png", "--output", "out.png"});
    REQUIRE(run_program(IMPASTO_STYLIZE, more, studio / "").exit_code == 0);
    return read_image(studio / "out.png");
  };
  const Stylizer wave = studio.stylizer("model.safetensors");
  const Stylizer sea = studio.stylizer("other.safetensors");
  const Mask mask = Mask(read_image(studio / "right.png")).feathered(3);
  const std::vector<StyledArea> areas = {{.stylizer = &wave, .style_weights = {1, 0}},
                                         {.stylizer = &sea, .style_weights = {1}, .mask = mask}};
  StyleControls controls{.strength = 0.25, .preserve_color = true, .stroke_size = 2};
  CHECK(largest_difference(run({}), restyle(studio.photo(), areas, controls)) <= 1);
  controls = {.strength = 0.75, .preserve_color = false, .stroke_size = 1};
  CHECK(largest_difference(
            run({"--strength", "0.75", "--preserve-color=false", "--stroke-size", "1"}),
            restyle(studio.photo(), areas, controls)) <= 1);
}

TEST_CASE("controls that make no sense exit with 2 and name the option") {
  const Controls studio;
  studio.write_mask("mask.png", 0, 5);
  const auto refused = [&](const std::vector<std::string>& more, const std::string& message) {
    const ProgramResult result = studio.run("bad.png", more);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, ContainsSubstring(message));
    CHECK_FALSE(fs::exists(studio / "bad.png"));
  };
  refused({"--strength", "1.5"}, "strength: expected a number from 0 to 1, found 1.5");
  refused({"--stroke-size", "0.5"}, "stroke_size: expected a number from 1 to 64, found 0.5");
  refused({"--feather", "-1"}, "feather");
  refused({"--mask", "=mask.png"}, "option '--mask': expected MASK or MODEL=MASK");
  refused({"--style", "wave=1,nihgt=2"}, "style: expected one of wave, night=0.7,1");
  refused({"--style", "wave=0"}, "style: expected a share above 0");
  refused({"--seam-free", "--stroke-size", "2"}, "stroke_size: cannot be combined with seam_free");
  refused({"--seam-free", "--backend", "torch"},
          "seam_free: expected the backend engine, found 'torch'");
  refused({"--style-grid", "--mask", "mask.png"}, "masks: cannot be combined with style_grid");
  refused({"--style-grid", "--compare"}, "compare: cannot be combined with style_grid");
  const ProgramResult over = studio.run("mask.png", {"--mask", "mask.png"});
  CHECK(over.exit_code == 2);
  CHECK_THAT(over.err, ContainsSubstring("mask.png: the output would overwrite the mask"));
}
