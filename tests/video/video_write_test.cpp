#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/films.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("a film that is written reads back, with the number of frames and their rate") {
  const TemporaryFolder folder;
  const std::string name = GENERATE("a.mp4", "a.mkv", "a.MOV", "new/folder/a.m4v", "a.avi");
  const double rate = GENERATE(25.0, 23.976);
  CAPTURE(name, rate);
  const auto film = create_video(folder / name, 64, 48, rate);
  CHECK((film->encoding() == "H.264" || film->encoding() == "MJPEG"));
  if (name == "a.avi") CHECK(film->encoding() == "MJPEG");
  for (int i = 0; i < 20; ++i) film->write(film_frame(i));
  film->finish();

  CHECK(open_video(folder / name)->info().frame_rate == Approx(rate).epsilon(1e-3));
  const std::vector<Image> frames = read_frames(folder / name);
  REQUIRE(frames.size() == 20);
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    const Image& frame = frames[static_cast<std::size_t>(i)];
    // Colours are coded at half the resolution: away from the edge between them.
    CHECK(largest_difference(pixel_at(frame, 10, 20), pixel_at(film_frame(i), 10, 20)) <= 12);
    CHECK(largest_difference(pixel_at(frame, 54, 20), pixel_at(film_frame(i), 54, 20)) <= 12);
  }
}

TEST_CASE("MJPEG is written where it is asked for") {
  const TemporaryFolder folder;
  const auto film = create_video(folder / "a.mkv", 64, 48, 25, {.codec = VideoCodec::kMjpeg});
  CHECK(film->encoding() == "MJPEG");
  for (int i = 0; i < 3; ++i) film->write(film_frame(i));
  film->finish();
  CHECK(read_frames(folder / "a.mkv").size() == 3);
}

TEST_CASE("of odd sides the last column and row are left out") {
  const TemporaryFolder folder;
  const auto film = create_video(folder / "a.avi", 65, 47, 25);
  film->write(film_frame(0, 65, 47));
  film->finish();
  CHECK(film->width() == 64);
  CHECK(film->height() == 46);
  const Image frame = read_frames(folder / "a.avi").at(0);
  CHECK(frame.width() == 64);
  CHECK(frame.height() == 46);
}

TEST_CASE("until a film is finished there is none, and an older one stays") {
  const TemporaryFolder folder;
  write_test_file(folder / "a.avi", "old");
  {
    const auto film = create_video(folder / "a.avi", 64, 48, 25);
    film->write(film_frame(0));
  }
  CHECK(fs::file_size(folder / "a.avi") == 3);
  CHECK(files_in(folder.path()) == 1);
  const auto film = create_video(folder / "a.avi", 64, 48, 25);
  CHECK_THAT(message_of<IoError>([&] { film->finish(); }),
             ContainsSubstring("a.avi: expected frames to write, found none"));
  CHECK(fs::file_size(folder / "a.avi") == 3);
}

TEST_CASE("films that cannot be written are refused with what was expected") {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& name, int width, int height, double rate) {
    return message_of<ConfigError>([&] { create_video(folder / name, width, height, rate); });
  };
  CHECK_THAT(error("a.webm", 64, 48, 25),
             ContainsSubstring("a.webm: expected the name of a film that ends in .mp4, "));
  CHECK_THAT(error("a.mp4", 1, 48, 25),
             ContainsSubstring("a.mp4: expected frames of at least 2x2 pixels, found 1x48"));
  CHECK_THAT(error("a.mp4", 64, 48, 0), ContainsSubstring("a.mp4: expected a positive frame rate"));
  fs::create_directory(folder / "b.mp4");
  CHECK_THAT(message_of<IoError>([&] { create_video(folder / "b.mp4", 64, 48, 25); }),
             ContainsSubstring("b.mp4: cannot write: it is a folder"));

  const auto film = create_video(folder / "a.avi", 64, 48, 25);
  CHECK_THAT(message_of<ConfigError>([&] { film->write(Image(48, 64)); }),
             ContainsSubstring("a.avi: expected RGB frames of 64x48, found 48x64 with 3 channels"));
  CHECK_THAT(message_of<ConfigError>([&] { film->write(Image(64, 48, 4)); }),
             ContainsSubstring("found 64x48 with 4 channels"));
}

TEST_CASE("frames go to a folder as PNG files with numbers, not among those of another film") {
  const TemporaryFolder folder;
  const auto film = create_frame_folder(folder / "frames", 64, 48);
  CHECK(film->encoding() == "PNG");
  for (int i = 0; i < 3; ++i) film->write(film_frame(i));
  film->finish();
  CHECK(files_in(folder / "frames") == 3);
  CHECK(read_image(folder / "frames/000001.png") == film_frame(0));
  CHECK(read_image(folder / "frames/000003.png") == film_frame(2));
  CHECK_THAT(message_of<ConfigError>([&] { create_frame_folder(folder / "frames", 64, 48); }),
             ContainsSubstring("frames: expected a folder without frames, found 00000"));
  fs::create_directory(folder / "other");
  write_test_file(folder / "other/notes.txt", "x");
  create_frame_folder(folder / "other", 64, 48)->write(film_frame(0));
  CHECK(fs::exists(folder / "other/000001.png"));
}

}  // namespace
}  // namespace impasto
