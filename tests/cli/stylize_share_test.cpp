// `stylize` as several processes that share the pictures of a folder.

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cli/stylize_studio.h"
#include "support/catch.h"

using Names = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

constexpr int kPictures = 12;

class SharedAlbum : public StylizeStudio {
 public:
  SharedAlbum() {
    fs::create_directories(*this / "photos/sub");
    for (int i = 0; i < kPictures; ++i) {
      const std::string folder = i % 2 == 0 ? "photos/" : "photos/sub/";
      impasto::write_image(*this / (folder + std::to_string(i) + ".png"), gradient(20 + i, 18));
    }
  }

  ProgramResult run_as(int rank, int size, const Names& more = {}) const {
    Names words = {"RANK=" + std::to_string(rank),
                   "WORLD_SIZE=" + std::to_string(size),
                   "LOCAL_WORLD_SIZE=" + std::to_string(size),
                   IMPASTO_STYLIZE,
                   "--model",
                   "model.safetensors",
                   "--precision",
                   "float32",
                   "--input",
                   "photos",
                   "--output",
                   "styled"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program("/usr/bin/env", words, (*this / "photo.png").parent_path());
  }
};

}  // namespace

TEST_CASE("processes share a folder: every picture is made once, by one of them") {
  const SharedAlbum album;
  const int size = GENERATE(2, 5, 13);
  std::set<std::string> made;
  std::size_t count = 0;
  for (int rank = 0; rank < size; ++rank) {
    fs::remove_all(album / "styled");
    const auto result = album.run_as(rank, size);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK_THAT(
        result.err,
        ContainsSubstring("process " + std::to_string(rank) + " of " + std::to_string(size)));
    for (const auto& name : album.files("styled")) made.insert(name);
    count += album.files("styled").size();
  }
  CHECK(made.size() == kPictures);
  CHECK(count == kPictures);
}

TEST_CASE("a process that is started again makes what is left of its share") {
  const SharedAlbum album;
  REQUIRE(album.run_as(0, 2).exit_code == 0);
  const Names share = album.files("styled");
  REQUIRE(share.size() > 1);
  fs::remove(album / ("styled/" + share.front()));
  // What has come meanwhile moves nothing from one to the other.
  impasto::write_image(album / "photos/00.png", gradient(30, 18));
  const auto before = fs::last_write_time(album / ("styled/" + share.back()));
  const auto again = album.run_as(0, 2, {"--skip-existing"});
  CHECK(again.exit_code == 0);
  CHECK(fs::exists(album / ("styled/" + share.front())));
  CHECK(fs::last_write_time(album / ("styled/" + share.back())) == before);
  REQUIRE(album.run_as(1, 2, {"--skip-existing"}).exit_code == 0);
  CHECK(album.files("styled").size() == kPictures + 1);
}

TEST_CASE("several processes refuse to share one standard input") {
  const SharedAlbum album;
  const auto result = album.run_as(0, 2, {"--input", "-"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, ContainsSubstring("cannot share one standard input"));
}
