// `stylize` with a tiny model of random weights: pictures in, pictures out.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "cli/stylize_studio.h"
#include "impasto/base/resize.h"
#include "impasto/image/alpha.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/program.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

#ifdef __GLIBC__
bool any_starts_with(const std::set<std::string>& names, const std::string& start) {
  return std::any_of(
      names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(start); });
}

// The file names of all libraries that a program has loaded, also those it asked for while it ran.
std::set<std::string> loaded_libraries(const StylizeStudio& studio,
                                       const std::vector<std::string>& more,
                                       const std::string& output = "out.png") {
  const fs::path trace = studio / "trace";
  setenv("LD_DEBUG", "libs", 1);
  setenv("LD_DEBUG_OUTPUT", trace.c_str(), 1);
  const ProgramResult result = studio.run(output, more);
  unsetenv("LD_DEBUG");
  unsetenv("LD_DEBUG_OUTPUT");
  REQUIRE(result.err == "");
  REQUIRE(result.exit_code == 0);

  std::set<std::string> names;
  const std::string mark = "calling init: ";
  for (const auto& entry : fs::directory_iterator(trace.parent_path())) {
    if (!entry.path().filename().string().starts_with("trace.")) continue;
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);) {
      const std::size_t at = line.find(mark);
      if (at == std::string::npos) continue;
      names.insert(fs::path(line.substr(at + mark.size())).filename().string());
    }
    fs::remove(entry.path());
  }
  REQUIRE(any_starts_with(names, "libimpasto_core.so"));
  return names;
}
#endif

}  // namespace

TEST_CASE("stylize writes what the library computes, of the photo's odd size, into a new folder") {
  const StylizeStudio studio;
  const ProgramResult result = studio.run("new/folder/out.png");
  CHECK(result.err == "");
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("new/folder/out.png: 37x23 in "));
  CHECK_THAT(result.out,
             ContainsSubstring("(engine, cpu, ") && ContainsSubstring(", float32, 1 thread)"));
  CHECK(largest_difference(read_image(studio / "new/folder/out.png"),
                           studio.expected(StylizeStudio::photo())) <= 1);
}

TEST_CASE("a style is chosen by its name, commas and all") {
  const StylizeStudio studio;
  REQUIRE(studio.run("out.png", {"--set", "style=night=0.7,1"}).exit_code == 0);
  const Image night = studio.expected(StylizeStudio::photo(), "night=0.7,1");
  REQUIRE(largest_difference(night, studio.expected(StylizeStudio::photo(), "wave")) > 10);
  CHECK(largest_difference(read_image(studio / "out.png"), night) <= 1);
}

TEST_CASE("the smallest picture there is keeps its size and its alpha") {
  const StylizeStudio studio;
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
  const StylizeStudio studio;
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

TEST_CASE("16 bits a channel are kept from PNG to PNG, and no others") {
  const StylizeStudio studio;
  write_image(studio / "deep.png", to_16_bits(StylizeStudio::photo()));
  REQUIRE(studio.run("out.png", {"--input", "deep.png"}).exit_code == 0);
  const Picture out = read_picture(studio / "out.png");
  REQUIRE(std::holds_alternative<Image16>(out.pixels));
  CHECK(largest_difference(to_8_bits(std::get<Image16>(out.pixels)),
                           studio.expected(StylizeStudio::photo())) <= 1);
  REQUIRE(studio.run("out.webp", {"--input", "deep.png", "--quality", "101"}).exit_code == 0);
  CHECK(largest_difference(read_image(studio / "out.webp"),
                           studio.expected(StylizeStudio::photo())) <= 1);
  REQUIRE(studio.run("out.png").exit_code == 0);
  CHECK(std::holds_alternative<Image>(read_picture(studio / "out.png").pixels));
  REQUIRE(studio.run("out.png", {"--input", "deep.png", "--compare"}).exit_code == 0);
  CHECK(std::holds_alternative<Image>(read_picture(studio / "out.png").pixels));
}

TEST_CASE("metadata are copied with --keep-metadata alone, for a picture that stands upright") {
  const StylizeStudio studio;
  for (const std::string name : {"metadata.jpg", "metadata.png", "metadata.webp"}) {
    CAPTURE(name);
    fs::copy_file(golden_picture(name), studio / name);
    const Metadata expected = read_picture(studio / name).metadata;
    REQUIRE_FALSE(expected.exif.empty());
    REQUIRE(studio.run("out.jpg", {"--input", name}).exit_code == 0);
    CHECK(read_picture(studio / "out.jpg").metadata.empty());
    REQUIRE(studio.run("out.jpg", {"--input", name, "--keep-metadata"}).exit_code == 0);
    CHECK(read_picture(studio / "out.jpg").metadata == expected);
    CHECK(read_image(studio / "out.jpg").width() == 16);
    // Through TIFF and back.
    REQUIRE(studio.run("out.tif", {"--input", name, "--keep-metadata"}).exit_code == 0);
    REQUIRE(studio.run("out.png", {"--input", "out.tif", "--keep-metadata"}).exit_code == 0);
    CHECK(read_picture(studio / "out.png").metadata.xmp == expected.xmp);
    CHECK_FALSE(read_picture(studio / "out.png").metadata.exif.empty());
  }
  const ProgramResult none = studio.run("out.bmp", {"--input", "metadata.jpg", "--keep-metadata"});
  CHECK(none.exit_code == 0);
  CHECK_THAT(none.err,
             ContainsSubstring("out.bmp: metadata are left out, as the format holds none"));
}

TEST_CASE("quality changes the size of JPEG and WebP files") {
  const StylizeStudio studio;
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
  const StylizeStudio studio;
  REQUIRE(studio.run("pair.png", {"--compare", "--max-side", "20"}).exit_code == 0);
  const Image small = limit_long_side(StylizeStudio::photo(), 20);
  REQUIRE(small.width() == 20);
  const std::vector<Image> pair = {small, studio.expected(small)};
  CHECK(largest_difference(read_image(studio / "pair.png"), side_by_side(pair)) <= 1);
}

TEST_CASE("a config file can hold everything but the pictures") {
  const StylizeStudio studio;
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

#ifdef __GLIBC__
TEST_CASE("the usual formats are read and written without OpenCV, which is loaded for the rest") {
  const StylizeStudio studio;
  const std::string extension = GENERATE(".jpg", ".png", ".webp", ".bmp");
  CAPTURE(extension);
  const std::string input = "in" + extension;
  write_image(studio / input, StylizeStudio::photo());
  const std::set<std::string> names =
      loaded_libraries(studio, {"--input", input, "--max-side", "20"}, "out" + extension);
  CHECK(any_starts_with(names, "libopencv_") == (extension == ".bmp"));
  CHECK(read_image(studio / ("out" + extension)).width() == 20);
}

TEST_CASE("on the CPU no libtorch is loaded") {
  const StylizeStudio studio;
  const std::string device = GENERATE("auto", "cpu");
  const std::set<std::string> names = loaded_libraries(studio, {"--device", device});
  for (const char* start : {"libtorch", "libc10", "libimpasto_torch"}) {
    CAPTURE(start);
    CHECK_FALSE(any_starts_with(names, start));
  }
}
#endif

#ifdef IMPASTO_WITHOUT_TORCH
TEST_CASE("a build without libtorch says so when CUDA or libtorch is asked for") {
  const StylizeStudio studio;
  const std::vector<std::string> more = GENERATE(std::vector<std::string>{"--device", "cuda"},
                                                 std::vector<std::string>{"--backend", "torch"});
  const ProgramResult result = studio.run("out.png", more);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("stylize: cannot load the libtorch backend: "));
  CHECK_FALSE(fs::exists(studio / "out.png"));
}
#else
TEST_CASE("libtorch computes when it is asked for, and the same picture") {
  const StylizeStudio studio;
  const ProgramResult result = studio.run("torch.png", {"--backend", "torch"});
  REQUIRE(result.err == "");
  CHECK_THAT(result.out, ContainsSubstring("(libtorch ") && ContainsSubstring(", cpu, float32"));
  CHECK(largest_difference(read_image(studio / "torch.png"),
                           studio.expected(StylizeStudio::photo())) <= 1);
#ifdef __GLIBC__
  CHECK(any_starts_with(loaded_libraries(studio, {"--backend", "torch"}), "libtorch_cpu.so"));
#endif
}

TEST_CASE("an absent device exits with 1 and leaves nothing behind") {
  const StylizeStudio studio;
  const ProgramResult result = studio.run("out.png", {"--device", "cuda:63"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("stylize: "));
  CHECK_FALSE(fs::exists(studio / "out.png"));
}
#endif
