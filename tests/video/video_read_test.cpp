// Films that OpenCV itself has written, so that what is read is known from elsewhere.

#include <array>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/films.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

// Frame i has the blue, green and red of `colour(i)` on the left, and is grey on the right.
cv::Scalar colour(int i) { return {10.0 + 10 * i, 80, 230.0 - 10 * i}; }

void write_with_opencv(const fs::path& path, int frames, double rate, cv::Size size) {
  cv::VideoWriter film(
      path.string(), cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), rate, size);
  REQUIRE(film.isOpened());
  for (int i = 0; i < frames; ++i) {
    cv::Mat frame(size, CV_8UC3, cv::Scalar(128, 128, 128));
    frame(cv::Rect(0, 0, size.width / 2, size.height)) = colour(i);
    film.write(frame);
  }
}

std::string text_of(const fs::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("a film's frames come in their order, RGB, with its size, rate and number") {
  const TemporaryFolder folder;
  const double rate = GENERATE(25.0, 12.5, 29.97);
  CAPTURE(rate);
  write_with_opencv(folder / "film.avi", 12, rate, {64, 48});
  const auto film = open_video(folder / "film.avi");
  CHECK(film->info().width == 64);
  CHECK(film->info().height == 48);
  CHECK(film->info().frames == 12);
  CHECK(film->info().frame_rate == Approx(rate).epsilon(1e-3));
  for (int i = 0; i < 12; ++i) {
    CAPTURE(i);
    const auto frame = film->read();
    REQUIRE(frame);
    CHECK(largest_difference(pixel_at(*frame, 8, 24), {230 - 10 * i, 80, 10 + 10 * i}) <= 4);
    CHECK(largest_difference(pixel_at(*frame, 56, 24), {128, 128, 128}) <= 4);
  }
  CHECK_FALSE(film->read());
  CHECK_FALSE(film->read());
}

TEST_CASE("a film that is marked as turned comes upright") {
  const TemporaryFolder folder;
  write_film(folder / "film.mp4", 5);
  std::string text = text_of(folder / "film.mp4");
  const std::size_t header = text.find("tkhd");
  REQUIRE(header != std::string::npos);
  // ISO 14496-12, 8.3.2: the matrix of the track, 16.16 and 2.30 numbers, here a quarter turn
  // clockwise.
  const std::array<std::uint32_t, 9> turn = {0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000};
  for (std::size_t i = 0; i < turn.size(); ++i) {
    for (std::size_t byte = 0; byte < 4; ++byte) {
      text[header + 44 + 4 * i + byte] = static_cast<char>(turn[i] >> (24 - 8 * byte));
    }
  }
  write_test_file(folder / "turned.mp4", text);
  const auto film = open_video(folder / "turned.mp4");
  CHECK(film->info().width == 48);
  CHECK(film->info().height == 64);
  const auto frame = film->read();
  REQUIRE(frame);
  REQUIRE(frame->height() == 64);
  // What was on the left is above.
  CHECK(largest_difference(pixel_at(*frame, 24, 8), pixel_at(film_frame(0), 8, 24)) <= 12);
  CHECK(largest_difference(pixel_at(*frame, 24, 56), pixel_at(film_frame(0), 56, 24)) <= 12);
}

TEST_CASE("a film that is cut short gives the frames until there, fewer than it promises") {
  const TemporaryFolder folder;
  write_with_opencv(folder / "film.avi", 60, 25, {64, 48});
  const std::string whole = text_of(folder / "film.avi");
  write_test_file(folder / "cut.avi", whole.substr(0, whole.size() * 6 / 10));
  const auto film = open_video(folder / "cut.avi");
  CHECK(film->info().frames == 60);
  int frames = 0;
  while (const auto frame = film->read()) {
    CHECK(largest_difference(pixel_at(*frame, 56, 24), {128, 128, 128}) <= 4);
    ++frames;
  }
  CHECK(frames >= 20);
  CHECK(frames < 60);
}

TEST_CASE("what is no film is named, and so is a camera that is not there") {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& name) {
    return message_of<FormatError>([&] { open_video(folder / name); });
  };
  write_test_file(folder / "text.mp4", "Dear diary");
  CHECK_THAT(message("text.mp4"), ContainsSubstring("text.mp4: expected a film that FFmpeg reads"));
  write_test_file(folder / "empty.mp4", "");
  CHECK_THAT(message("empty.mp4"), ContainsSubstring("empty.mp4: expected a film"));
  write_film(folder / "film.mp4", 30);
  const std::string whole = text_of(folder / "film.mp4");
  write_test_file(folder / "cut.mp4", whole.substr(0, whole.size() / 2));  // Its index is last.
  CHECK_THAT(message("cut.mp4"), ContainsSubstring("one that is cut short"));

  const auto io_message = [&](const std::string& name) {
    return message_of<IoError>([&] { open_video(folder / name); });
  };
  CHECK_THAT(io_message("absent.mp4"),
             ContainsSubstring("absent.mp4: cannot read: No such file or directory"));
  CHECK_THAT(io_message(""), ContainsSubstring(": cannot read: it is a folder"));
  CHECK_THAT(message_of<IoError>([] { open_camera(97); }),
             ContainsSubstring("camera 97: cannot be opened"));
}

TEST_CASE("films are told by their first bytes, or by the name where there is no file") {
  const TemporaryFolder folder;
  write_film(folder / "film.avi", 2);
  write_film(folder / "film.mp4", 2);
  write_film(folder / "film.mkv", 2);
  for (const std::string extension : {".avi", ".mp4", ".mkv"}) {
    CAPTURE(extension);
    fs::copy_file(folder / ("film" + extension), folder / ("clip" + extension + ".part"));
    CHECK(is_video_file(folder / ("film" + extension)));
    CHECK(is_video_file(folder / ("clip" + extension + ".part")));
  }
  CHECK(is_video_file("absent.WebM"));
  CHECK_FALSE(is_video_file("absent.png"));
  CHECK_FALSE(is_video_file("absent"));
  CHECK_FALSE(is_video_file(folder.path()));
  write_test_file(folder / "photo.heic",
                  std::string("\0\0\0\x18"
                              "ftypheic",
                              12));
  CHECK_FALSE(is_video_file(folder / "photo.heic"));
  write_test_file(folder / "notes.txt", "Dear diary");
  CHECK_FALSE(is_video_file(folder / "notes.txt"));
}

}  // namespace
}  // namespace impasto
