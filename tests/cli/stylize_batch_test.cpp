// `stylize` with several pictures: which it takes, where they go, and what one bad one does.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/stylize_studio.h"
#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/files.h"

using namespace impasto;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

namespace {

// Pictures in photos/ and below, each of a size of its own.
class Album : public StylizeStudio {
 public:
  Album() {
    add("photos/a.png", 20);
    add("photos/sub/b.jpg", 21);
    add("photos/sub/deep/c.webp", 22);
    write_test_file(*this / "photos/notes.txt", "no picture");
  }

  void add(const std::string& name, int width) const {
    fs::create_directories((*this / name).parent_path());
    write_image(*this / name, gradient(width, 18));
  }
};

int width_of(const fs::path& file) { return read_image(file).width(); }

}  // namespace

TEST_CASE("a folder's tree is repeated in the output folder") {
  const Album album;
  const ProgramResult result = album.run_any({"--input", "photos/", "--output", "styled"});
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("3 pictures written in "));
  CHECK(album.files("styled") == Names{"a.png", "sub/b.jpg", "sub/deep/c.webp"});
  CHECK(width_of(album / "styled/sub/b.jpg") == 21);
  CHECK(largest_difference(read_image(album / "styled/a.png"), album.expected(gradient(20, 18))) <=
        1);
}

TEST_CASE("several files go into the output folder, each under its name") {
  const Album album;
  const Names inputs = GENERATE(Names{"photos/a.png", "photos/sub/b.jpg"},
                                Names{"--input", "photos/a.png", "--input", "photos/sub/b.jpg"});
  Names arguments = {"--output", "styled"};
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  REQUIRE(album.run_any(arguments).exit_code == 0);
  CHECK(album.files("styled") == Names{"a.png", "b.jpg"});
}

TEST_CASE("a list on standard input names pictures, ended by lines or by NUL characters") {
  const Album album;
  const std::string list = GENERATE(std::string("photos/a.png\n\nphotos/sub/b.jpg\n"),
                                    std::string("photos/a.png\0photos/sub/b.jpg\0", 30));
  const fs::path file = write_test_file(album / "list", list);
  REQUIRE(album.run_any({"--input", "-", "--output", "styled"}, file).exit_code == 0);
  CHECK(album.files("styled") == Names{"a.png", "b.jpg"});
}

TEST_CASE("one picture goes into a folder where the output is one") {
  const Album album;
  const ProgramResult result =
      album.run_any({"--input", "photos/a.png", "--output", "new/", "--format", "jpg"});
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, ContainsSubstring("new/a.jpg: 20x18 in "));
  CHECK(album.files("new") == Names{"a.jpg"});
}

TEST_CASE("in an output folder --format rules, and PNG stands for what is not written") {
  const Album album;
  fs::copy_file(golden_picture("rgb.tif"), album / "photos/d.tif");
  fs::copy_file(golden_picture("rgb.jpg"), album / "e.jfif");
  REQUIRE(album.run_any({"photos", "e.jfif", "--output", "one"}).exit_code == 0);
  CHECK(album.files("one") == Names{"a.png", "d.tif", "e.png", "sub/b.jpg", "sub/deep/c.webp"});
  REQUIRE(album.run_any({"photos", "--output", "two", "--format", "bmp"}).exit_code == 0);
  CHECK(album.files("two") == Names{"a.bmp", "d.bmp", "sub/b.bmp", "sub/deep/c.bmp"});
}

TEST_CASE("--skip-existing leaves results alone that are there") {
  const Album album;
  write_test_file(album / "styled/sub/b.jpg", "precious");
  const ProgramResult result = album.run_any({"photos", "--output", "styled", "--skip-existing"});
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out,
             ContainsSubstring("2 pictures written in ") && ContainsSubstring(", 1 skipped"));
  CHECK(read_text_file(album / "styled/sub/b.jpg") == "precious");
  REQUIRE(album.run_any({"photos", "--output", "styled"}).exit_code == 0);
  CHECK(width_of(album / "styled/sub/b.jpg") == 21);
}

TEST_CASE("pictures that fail are reported at the end and do not stop the others") {
  const Album album;
  write_test_file(album / "photos/0_text.jpg", "hello");
  write_test_file(album / "photos/sub/empty.png", "");
  fs::create_directories(album / "styled/sub/b.jpg");  // Cannot be written to.
  const ProgramResult result = album.run_any({"photos", "absent.png", "--output", "styled"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.out,
             ContainsSubstring("2 pictures written in ") && ContainsSubstring(", 4 failed"));
  CHECK(album.files("styled") == Names{"a.png", "sub/deep/c.webp"});
  const std::size_t first = result.err.find(
      "stylize: photos/0_text.jpg: expected a JPEG, PNG, WebP, TIFF, PPM or BMP picture, found "
      "other "
      "data\n");
  const std::size_t second = result.err.find(
      "stylize: photos/sub/b.jpg: styled/sub/b.jpg: cannot write: it is a folder\n");
  const std::size_t third =
      result.err.find("stylize: photos/sub/empty.png: expected a picture, found an empty file\n");
  const std::size_t fourth = result.err.find("stylize: absent.png: ");
  CHECK(first < second);
  CHECK(second < third);
  CHECK(third < fourth);
  CHECK(fourth != std::string::npos);
}

TEST_CASE("results that would share a name are refused before any is written") {
  const Album album;
  album.add("more/a.png", 30);
  album.add("more/b.bmp", 30);
  const auto refused = [&](Names arguments, const std::string& message) {
    arguments.insert(arguments.end(), {"--output", "styled"});
    const ProgramResult result = album.run_any(arguments);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, ContainsSubstring(message));
    CHECK_FALSE(fs::exists(album / "styled"));
  };
  refused({"photos", "more/a.png"},
          "styled/a.png: expected one picture to write there, found two: photos/a.png and "
          "more/a.png");
  refused({"photos/sub", "more", "--format", "webp"},
          "styled/b.webp: expected one picture to write there, found two: photos/sub/b.jpg and "
          "more/b.bmp");
  refused({"more/a.png", "more/../more/a.png"}, "found two");
}

TEST_CASE("results never take the place of inputs, and are never taken for inputs") {
  const Album album;
  const auto refused = [&](const Names& arguments, const std::string& message) {
    const ProgramResult result = album.run_any(arguments);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err, ContainsSubstring(message));
  };
  refused({"photos", "--output", "photos"},
          "photos: expected another folder than that of the pictures for the results");
  refused({"photos/a.png", "photos/sub/b.jpg", "--output", "photos/sub"},
          "photos/sub/b.jpg: the output would overwrite the input");
  fs::create_directory_symlink(album / "photos", album / "link");
  refused({"photos", "--output", "link"}, "expected another folder");
  refused({"photos", "--output", "photos/"}, "expected another folder");
  refused({"photos", "--output", "out.png"}, "found the name of a picture");
  refused({"photos", "--output", "photo.png"}, "found a file");

  for (const char* output : {"photos/styled", "photos/styled/", "link/styled"}) {
    REQUIRE(album.run_any({"photos", "--output", output}).exit_code == 0);
    CHECK(album.files("photos/styled") == Names{"a.png", "sub/b.jpg", "sub/deep/c.webp"});
  }
}

TEST_CASE("a config can name the pictures and the place of the results") {
  const Album album;
  write_test_file(album / "configs/c.json",
                  R"({"model": "../model.safetensors", "input": ["../photos/sub"],
                      "output": "../styled", "format": "png", "skip_existing": true})");
  REQUIRE(run_program(IMPASTO_STYLIZE, {"--config", "configs/c.json"}, album / "").exit_code == 0);
  CHECK(album.files("styled") == Names{"b.png", "deep/c.png"});
  REQUIRE(run_program(IMPASTO_STYLIZE,
                      {"--config", "configs/c.json", "photos/a.png", "--output", "other/"},
                      album / "")
              .exit_code == 0);
  CHECK(album.files("other") == Names{"a.png"});
}
