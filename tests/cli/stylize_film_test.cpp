// `stylize` on films: frames in, frames out.

#include <signal.h>
#include <stdlib.h>

#include <bit>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "cli/stylize_studio.h"
#include "impasto/base/file.h"
#include "impasto/base/resize.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/films.h"
#include "support/style_models.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("a film becomes a film of as many frames at the same rate") {
  const StylizeStudio studio;
  write_film(studio / "film.avi", 30, 12.5);
  const ProgramResult result = studio.run("new/out.mp4", {"--input", "film.avi"});
  CAPTURE(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out,
             ContainsSubstring("new/out.mp4: 64x48, 30 frames at 12.5 a second in ") &&
                 (ContainsSubstring("(H.264; engine, cpu, ") ||
                  ContainsSubstring("(MJPEG; engine, cpu, ")));
  CHECK_THAT(result.err, ContainsSubstring("30/30") && ContainsSubstring("frames/s  ETA 0:00"));
  const auto film = open_video(studio / "new/out.mp4");
  CHECK(film->info().frame_rate == Approx(12.5).epsilon(1e-3));
  CHECK(read_frames(studio / "new/out.mp4").size() == 30);
  CHECK(studio.files("new") == std::vector<std::string>{"out.mp4"});
}

TEST_CASE("every frame is what the library makes of it, with the controls of pictures") {
  const StylizeStudio studio;
  write_film(studio / "film.avi", 4);
  const std::vector<Image> frames = read_frames(studio / "film.avi");
  REQUIRE(studio.run("frames", {"--input", "film.avi", "--frames", "--max-side", "32"}).exit_code ==
          0);
  CHECK(studio.files("frames") ==
        std::vector<std::string>{"000001.png", "000002.png", "000003.png", "000004.png"});
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    const Image small = limit_long_side(frames[static_cast<std::size_t>(i)], 32);
    const Image out = read_image(studio / ("frames/00000" + std::to_string(i + 1) + ".png"));
    CHECK(largest_difference(out, studio.expected(small)) <= 1);
  }
  REQUIRE(studio.run("same", {"--input", "film.avi", "--frames", "--strength", "0"}).exit_code ==
          0);
  CHECK(read_image(studio / "same/000003.png") == frames[2]);

  Image right(64, 48);
  for (int y = 0; y < 48; ++y) std::fill_n(right.row(y) + 3 * 32, 3 * 32, std::uint8_t{255});
  write_image(studio / "right.png", right);
  REQUIRE(studio
              .run("half",
                   {"--input", "film.avi", "--frames", "--mask", "right.png", "--style", "wave"})
              .exit_code == 0);
  const Image half = read_image(studio / "half/000002.png");
  CHECK(pixel_at(half, 10, 10) == pixel_at(frames[1], 10, 10));
  CHECK(largest_difference(pixel_at(half, 50, 10),
                           pixel_at(studio.expected(frames[1], "wave"), 50, 10)) <= 1);

  REQUIRE(studio.run("pair", {"--input", "film.avi", "--frames", "--compare"}).exit_code == 0);
  CHECK(read_image(studio / "pair/000001.png").width() == 64 + 8 + 64);
}

TEST_CASE("--temporal mixes in what was there before, where the film does not move at all of it") {
  const StylizeStudio studio;
  const Image still = gradient(64, 48);
  {
    const auto film = create_video(studio / "film.avi", 64, 48, 25);
    for (int i = 0; i < 2; ++i) film->write(still);
    film->write(film_frame(0));
    film->finish();
  }
  const std::vector<Image> frames = read_frames(studio / "film.avi");
  const std::vector<std::string> common = {"--input", "film.avi", "--frames", "--temporal"};
  const auto run = [&](const std::string& output, std::vector<std::string> more) {
    more.insert(more.end(), common.begin(), common.end());
    const ProgramResult result = studio.run(output, more);
    CAPTURE(result.err);
    REQUIRE(result.exit_code == 0);
  };
  run("steady", {});
  run("last", {"--set", "temporal_input=0", "--set", "temporal_output=1"});
  // Of a film that stands still and a share of 1, the result before is all there is.
  CHECK(largest_difference(read_image(studio / "last/000002.png"), studio.expected(frames[0])) <=
        1);
  CHECK(largest_difference(read_image(studio / "steady/000001.png"), studio.expected(frames[0])) <=
        1);
  // A picture that has nothing to do with the one before is hardly touched.
  CHECK(mean_difference(read_image(studio / "steady/000003.png"), studio.expected(frames[2])) < 10);
  // The photo of strength 0 is that of the film, not what the filter made of it.
  run("photo", {"--strength", "0"});
  CHECK(read_image(studio / "photo/000002.png") == frames[1]);
}

TEST_CASE("films and pictures may be mixed, and go to a folder under their names") {
  const StylizeStudio studio;
  write_film(studio / "a.avi", 3);
  write_film(studio / "b.mp4", 3);
  write_test_file(studio / "c.mkv", "no film");
  const ProgramResult result =
      studio.run_any({"a.avi", "photo.png", "c.mkv", "b.mp4", "--output", "out"});
  CHECK(result.exit_code == 1);
  CHECK(studio.files("out") == std::vector<std::string>{"a.avi", "b.mp4", "photo.png"});
  CHECK_THAT(result.err, ContainsSubstring("stylize: c.mkv: expected a film that FFmpeg reads"));
  CHECK_THAT(result.out, ContainsSubstring("3 pictures written") && ContainsSubstring("1 failed"));
  CHECK(studio.run_any({"a.avi", "b.mp4", "--output", "frames", "--frames"}).exit_code == 0);
  CHECK(studio.files("frames").size() == 6);
  CHECK(fs::exists(studio / "frames/b/000003.png"));
}

TEST_CASE("a film that is cut short gives a film that plays, and a warning that says so") {
  const StylizeStudio studio;
  write_film(studio / "whole.avi", 60);
  const std::string whole = text_of(studio / "whole.avi");
  write_test_file(studio / "cut.avi", whole.substr(0, whole.size() * 6 / 10));
  const ProgramResult result = studio.run("out.mp4", {"--input", "cut.avi"});
  CHECK(result.exit_code == 0);
  const std::size_t frames = read_frames(studio / "out.mp4").size();
  CHECK(frames >= 20);
  CHECK(frames < 60);
  CHECK_THAT(result.err,
             ContainsSubstring("warning: cut.avi: the film ends after " + std::to_string(frames) +
                               " of 60 frames: is the file cut short or damaged?"));
}

// Matroska says how long it is, and no more: FFmpeg guesses the frames from that, and sound that
// goes on for a little after the last one is usual.
TEST_CASE(
    "a film whose sound outlasts its pictures a little is not taken for one that is cut short") {
  const StylizeStudio studio;
  write_film(studio / "film.mkv", 50);
  const std::string film = text_of(studio / "film.mkv");
  const std::string duration = "\x44\x89\x88";  // The element's name, and 8 bytes: a double.
  const auto place = film.find(duration) + duration.size();
  REQUIRE(place < 1000);
  const auto stylize_with_length = [&](double milliseconds) {
    auto bits = std::bit_cast<std::uint64_t>(milliseconds);
    std::string longer = film;
    for (std::size_t i = 8; i-- > 0; bits >>= 8) longer[place + i] = static_cast<char>(bits & 0xff);
    write_test_file(studio / "longer.mkv", longer);
    const ProgramResult result = studio.run("out.mp4", {"--input", "longer.mkv"});
    CHECK(result.exit_code == 0);
    CHECK(read_frames(studio / "out.mp4").size() == 50);
    return result.err;
  };
  CHECK_THAT(stylize_with_length(2100), !ContainsSubstring("warning"));
  CHECK_THAT(stylize_with_length(4000), ContainsSubstring("the film ends after 50 of 100 frames"));
}

TEST_CASE("Ctrl-C leaves a film that plays, with the frames until then") {
  const StylizeStudio studio;
  random_style_model({}).save(studio / "large.safetensors");
  write_film(studio / "film.avi", 400, 25, 320, 240);
  Program program(IMPASTO_STYLIZE,
                  {"--model",
                   (studio / "large.safetensors").string(),
                   "--input",
                   "film.avi",
                   "--output",
                   "out/film.mp4",
                   "--threads",
                   "1"},
                  studio / "");
  while (program.running() && program.err_so_far().find("/400") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  program.send(SIGINT);
  const ProgramResult result = program.wait();
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("stylize: interrupted"));
  CHECK(studio.files("out") == std::vector<std::string>{"film.mp4"});
  const std::size_t frames = read_frames(studio / "out/film.mp4").size();
  CHECK(frames >= 1);
  CHECK(frames < 400);
}

TEST_CASE("films and cameras that make no sense are refused, and nothing is written") {
  const StylizeStudio studio;
  write_film(studio / "film.avi", 3);
  const auto refused = [&](int code, std::vector<std::string> words, const std::string& message) {
    CAPTURE(words);
    const ProgramResult result = studio.run_any(std::move(words));
    CHECK(result.exit_code == code);
    CHECK(result.out == "");
    CHECK_THAT(result.err, ContainsSubstring("stylize: ") && ContainsSubstring(message));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK_FALSE(fs::exists(studio / "out.mp4"));
  };
  setenv("ASAN_OPTIONS", "detect_leaks=0", 1);  // Libraries that look for cameras leave memory.
  refused(1, {"--camera", "97", "--output", "out.mp4"}, "camera 97: cannot be opened");
  unsetenv("ASAN_OPTIONS");
  refused(2, {"--camera", "0", "film.avi", "--output", "out.mp4"}, "camera: cannot be combined");
  refused(2, {"film.avi", "--output", "out.png"}, "out.png: expected the name of a film");
  refused(2, {"film.avi", "--output", "film.avi"}, "the output would overwrite the input");
  refused(2, {"photo.png", "--output", "out", "--frames"}, "frames: expected a film or a camera");
  refused(2, {"photo.png", "--output", "out.png", "--temporal"}, "temporal: expected a film");
  refused(2,
          {"film.avi", "--output", "out.mp4", "--temporal", "--style-grid"},
          "temporal: cannot be combined with style_grid");
  refused(2, {"photo.png", "film.avi", "--output", "out.mp4"}, "found the name of a film");
  refused(2,
          {"film.avi", "--output", "out.mp4", "--quality", "80"},
          "option '--quality' is for JPEG and WebP output, found 'out.mp4'");
  refused(2,
          {"film.avi", "--output", "out.mp4", "--keep-metadata"},
          "keep_metadata: expected a picture, found films alone");
  refused(2,
          {"film.avi", "--output", "out.mp4", "--format", "png"},
          "format: expected a picture, found films alone");
  refused(2, {"film.avi", "--output", "out.mp4", "--video-codec", "vp9"}, "video_codec: ");
  write_film(studio / "film.mp4", 30);
  const std::string whole = text_of(studio / "film.mp4");
  write_test_file(studio / "cut.mp4", whole.substr(0, whole.size() / 2));
  refused(1, {"cut.mp4", "--output", "out.mp4"}, "cut.mp4: expected a film that FFmpeg reads");
}

// The sanitizers' libraries must be the first to be loaded.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a disk that gets full is told, and leaves no half a film") {
  const StylizeStudio studio;
  write_film(studio / "film.avi", 30);
  const std::string fault = GENERATE("write:1:full", "write:2:full");
  CAPTURE(fault);
  const ProgramResult result = run_program("/usr/bin/env",
                                           {"LD_PRELOAD=" IMPASTO_FILE_FAULTS,
                                            "IMPASTO_FILE_FAULT=" + fault,
                                            "IMPASTO_FILE_FAULT_IN=results",
                                            IMPASTO_STYLIZE,
                                            "--model",
                                            "model.safetensors",
                                            "--input",
                                            "film.avi",
                                            "--output",
                                            "results/out.mp4"},
                                           studio / "");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("results/out.mp4: cannot write: "));
  CHECK(studio.files("results").empty());
}
#endif
