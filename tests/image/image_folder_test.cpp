#include "impasto/image/image_folder.h"

#include <fstream>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

void put_picture(const fs::path& path) {
  fs::create_directories(path.parent_path());
  fs::copy_file(golden_picture("rgb.png"), path);
}

// Names relative to the folder, in order.
std::vector<std::string> names_in(const fs::path& folder) {
  const ImageFolder images(folder);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < images.size(); ++i) {
    names.push_back(fs::path(images.name(i)).lexically_relative(folder).generic_string());
  }
  return names;
}

}  // namespace

TEST_CASE("a folder tree is searched by extension in any case and sorted") {
  const TemporaryFolder folder;
  for (const char* name : {"z.PNG", "b/deep/1.jpeg", "a.jpg", "b/2.WebP", "c.bmp", "B.Jpg"}) {
    put_picture(folder / name);
  }
  for (const char* name : {"notes.txt", "jpg", "a.jpg.part", ".hidden.jpg"}) {
    std::ofstream(folder / name) << "x";
  }
  put_picture(folder / ".thumbnails/a.jpg");
  CHECK(names_in(folder.path()) ==
        std::vector<std::string>{"B.Jpg", "a.jpg", "b/2.WebP", "b/deep/1.jpeg", "c.bmp", "z.PNG"});
}

TEST_CASE("a picture is loaded by its number") {
  const TemporaryFolder folder;
  put_picture(folder / "a.png");
  fs::copy_file(golden_picture("orientation_6.jpg"), folder / "b.jpg");
  const ImageFolder images(folder.path());
  CHECK(images.load(0).width() == 32);
  CHECK(images.load(1).height() == 16);
}

TEST_CASE("a fingerprint changes with the pictures and not with where they are") {
  const TemporaryFolder folder;
  put_picture(folder / "one/a.png");
  put_picture(folder / "one/b/c.png");
  const auto fingerprint = [&](const char* name) {
    return ImageFolder(folder / name).fingerprint();
  };
  const auto before = fingerprint("one");
  fs::rename(folder / "one", folder / "two");
  CHECK(fingerprint("two") == before);
  fs::rename(folder / "two/a.png", folder / "two/d.png");
  CHECK(fingerprint("two") != before);
  fs::rename(folder / "two/d.png", folder / "two/a.png");
  CHECK(fingerprint("two") == before);
  std::ofstream(folder / "two/a.png", std::ios::app) << "x";
  CHECK(fingerprint("two") != before);
}

TEST_CASE("links are followed, loops are not") {
  const TemporaryFolder folder;
  put_picture(folder / "elsewhere/real.png");
  put_picture(folder / "photos/own.png");
  fs::create_directory_symlink(folder / "elsewhere", folder / "photos/linked");
  fs::create_directory_symlink(folder / "photos", folder / "photos/loop");
  fs::create_symlink(folder / "elsewhere/real.png", folder / "photos/one.png");
  CHECK(names_in(folder / "photos") ==
        std::vector<std::string>{"linked/real.png", "one.png", "own.png"});
}

TEST_CASE("a search leaves a folder out by whatever name it is met") {
  const TemporaryFolder folder;
  put_picture(folder / "a.png");
  put_picture(folder / "out/b.png");
  fs::create_directory_symlink(folder / "out", folder / "link");
  const auto found = find_pictures(folder.path(), {.except = folder / "link/../out/"});
  CHECK(found == std::vector<fs::path>{folder / "a.png"});
}

TEST_CASE("a link to nowhere counts as a picture that cannot be read") {
  const TemporaryFolder folder;
  fs::create_symlink(folder / "gone.png", folder / "link.png");
  const ImageFolder images(folder.path());
  CHECK(images.size() == 1);
  CHECK_THROWS_AS(images.load(0), IoError);
}

TEST_CASE("a folder without pictures says what was looked for") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "empty");
  std::ofstream(folder / "notes.txt") << "x";
  CHECK_THROWS_AS(ImageFolder(folder.path()), IoError);
  CHECK_THROWS_WITH(
      ImageFolder(folder.path()),
      ContainsSubstring(folder.path().string() +
                        ": expected pictures, found no file that ends in .jpg, .jpeg, "
                        ".png, .webp, .bmp, .tif, .tiff, .ppm in this folder or below it"));
}

TEST_CASE("a missing folder and a file are told apart") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  CHECK_THROWS_WITH(
      ImageFolder(folder / "absent"),
      ContainsSubstring("absent: expected a folder of pictures, found nothing there"));
  CHECK_THROWS_WITH(ImageFolder(folder / "file"),
                    ContainsSubstring("file: expected a folder of pictures, found a file"));
}
