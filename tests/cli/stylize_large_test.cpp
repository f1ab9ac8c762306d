// `stylize` on pictures that do not fit in the memory that it may take.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "impasto/image/row_io.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Sanitizers keep memory of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasured = false;
#else
constexpr bool kMeasured = true;
#endif

class Easel {
 public:
  Easel() { tiny_model().save(folder_ / "model.safetensors"); }

  fs::path operator/(const std::string& name) const { return folder_ / name; }

  /// Waves of every size, row by row: this process must stay small, for its own memory counts as
  /// its children's.
  void paint(const std::string& name, int width, int height, int channels = 3) const {
    const auto sink = create_rows(folder_ / name, width, height, channels);
    std::vector<std::uint8_t> row(sink->stride());
    for (int y = 0; y < height; ++y) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        const double x = static_cast<double>(i) / channels;
        row[i] = static_cast<std::uint8_t>(127.5 + 60 * std::sin(x * x / 90'000 + y * 0.01) +
                                           60 * std::sin(x * 0.3 + y * y * 1e-4));
      }
      sink->write(row);
    }
    sink->finish();
  }

  ProgramResult run(const std::string& input,
                    const std::string& output,
                    const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"--model",
                                          "model.safetensors",
                                          "--input",
                                          input,
                                          "--output",
                                          output,
                                          "--precision",
                                          "float32",
                                          "--threads",
                                          "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(IMPASTO_STYLIZE, arguments, folder_.path());
  }

  /// The program under limits of the shell's.
  ProgramResult run_limited(const std::string& limits, const std::string& arguments) const {
    return run_program(
        "/bin/sh", {"-c", limits + "; exec \"$0\" " + arguments, IMPASTO_STYLIZE}, folder_.path());
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  TemporaryFolder folder_;
};

/// Of two files, row by row.
int difference_of_files(const fs::path& a, const fs::path& b) {
  const auto first = open_rows(a), second = open_rows(b);
  REQUIRE(first->stride() == second->stride());
  REQUIRE(first->height() == second->height());
  std::vector<std::uint8_t> one(first->stride()), other(one.size());
  int largest = 0;
  for (int y = 0; y < first->height(); ++y) {
    first->read(one);
    second->read(other);
    for (std::size_t i = 0; i < one.size(); ++i) {
      largest = std::max(largest, std::abs(one[i] - other[i]));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("a picture that does not fit is stylized within the memory allowed, to the same pixels") {
  const Easel easel;
  easel.paint("photo.png", 3001, 2003);
  const ProgramResult whole = easel.run("photo.png", "whole.png", {"--memory", "8G"});
  REQUIRE(whole.exit_code == 0);
  const ProgramResult bands = easel.run("photo.png", "bands.png", {"--memory", "80M"});
  CHECK(bands.err == "");
  REQUIRE(bands.exit_code == 0);
  CHECK_THAT(bands.out,
             ContainsSubstring("bands.png: 3001x2003 in ") && ContainsSubstring(", in bands)"));
  CHECK(difference_of_files(easel / "whole.png", easel / "bands.png") <= 2);
  CHECK(easel.files() ==
        std::vector<std::string>{"bands.png", "model.safetensors", "photo.png", "whole.png"});
  if (kMeasured) {
    CHECK(whole.peak_memory > 400 * kMiB);
    CHECK(bands.peak_memory < 80 * kMiB + 60 * kMiB);  // The program itself, and the test's copy.
  }
}

TEST_CASE("controls, transparency and every format work in bands as in one piece") {
  const Easel easel;
  const std::string format = GENERATE("png", "jpg", "tif", "ppm", "webp", "bmp");
  const int channels = format == "jpg" ? 3 : 4;
  CAPTURE(format);
  easel.paint("photo.tif", 300, 2400, channels);
  const std::vector<std::string> controls = {
      "--strength", "0.7", "--preserve-color", "--set", "webp_quality=101", "--memory", ""};
  std::vector<std::string> whole = controls, bands = controls;
  whole.back() = "1G";
  bands.back() = "6M";
  REQUIRE(easel.run("photo.tif", "whole." + format, whole).exit_code == 0);
  const ProgramResult result = easel.run("photo.tif", "bands." + format, bands);
  CHECK(result.err == "");
  REQUIRE(result.exit_code == 0);
  const Image one = read_image(easel / ("whole." + format), {.keep_alpha = true});
  const Image other = read_image(easel / ("bands." + format), {.keep_alpha = true});
  REQUIRE(one.pixels().size() == other.pixels().size());
  int largest = 0;
  for (std::size_t i = 0; i < one.pixels().size(); ++i) {
    largest = std::max(largest, std::abs(one.pixels()[i] - other.pixels()[i]));
  }
  // Where the encoder loses something, a step may become a few.
  CHECK(largest <= (format == "jpg" ? 8 : 2));
}

TEST_CASE("16 bits a channel stay in bands, from PNG and TIFF to both, and are rounded elsewhere") {
  const Easel easel;
  const std::string input = GENERATE("png", "tif");
  const std::string output = GENERATE("png", "tif", "jpg", "webp");
  CAPTURE(input, output);
  Image16 photo(300, 2000);
  for (std::size_t i = 0; i < photo.pixels().size(); ++i) {
    photo.pixels()[i] = static_cast<std::uint16_t>(i * 31);
  }
  write_image(easel / ("photo." + input), photo);
  const auto stylized = [&](const std::string& name, const std::string& memory) {
    const ProgramResult result =
        easel.run("photo." + input,
                  name + output,
                  {"--memory", memory, "--set", "jpeg_quality=100", "--set", "webp_quality=101"});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK((result.out.find(", in bands)") != std::string::npos) == (memory == "8M"));
    return read_picture(easel / (name + output)).pixels;
  };
  const auto whole = stylized("whole.", "1G"), bands = stylized("bands.", "8M");
  REQUIRE(whole.index() == bands.index());
  if (output == "png" || output == "tif") {
    const auto& one = std::get<Image16>(whole);
    const auto& other = std::get<Image16>(bands);
    REQUIRE(one.pixels().size() == other.pixels().size());
    int largest = 0;
    for (std::size_t i = 0; i < one.pixels().size(); ++i) {
      largest = std::max(largest, std::abs(int{one.pixels()[i]} - int{other.pixels()[i]}));
    }
    CHECK(largest < 2 * 257);
    CHECK(other != to_16_bits(to_8_bits(other)));
  } else {
    CHECK(largest_difference(std::get<Image>(whole), std::get<Image>(bands)) <= 8);
  }
}

TEST_CASE("a full disk stops the run with a message, and leaves nothing") {
  const Easel easel;
  easel.paint("photo.ppm", 300, 2400);
  const ProgramResult result =
      easel.run_limited("trap '' XFSZ; ulimit -f 64",
                        "--model model.safetensors --input photo.ppm --output out.png --memory 6M "
                        "--precision float32 --threads 2");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("for a scratch file: "));
  CHECK(easel.files() == std::vector<std::string>{"model.safetensors", "photo.ppm"});
}

TEST_CASE("Ctrl-C in bands leaves nothing, and what was there") {
  const Easel easel;
  easel.paint("photo.ppm", 2000, 6000);
  write_test_file(easel / "out.png", "old");
  const auto is_writing = [&] {
    const auto names = easel.files();
    return std::any_of(names.begin(), names.end(), [](const std::string& name) {
      return name.starts_with(".impasto-");
    });
  };
  Program program(IMPASTO_STYLIZE,
                  {"--model",
                   (easel / "model.safetensors").string(),
                   "--input",
                   (easel / "photo.ppm").string(),
                   "--output",
                   (easel / "out.png").string(),
                   "--memory",
                   "60M"});
  while (!is_writing() && program.running())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  program.send(SIGINT);
  const ProgramResult result = program.wait();
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("interrupted"));
  CHECK(read_text_file(easel / "out.png") == "old");
  CHECK(easel.files() == std::vector<std::string>{"model.safetensors", "out.png", "photo.ppm"});
}

TEST_CASE("memory and scratch folder are checked") {
  const Easel easel;
  easel.paint("photo.ppm", 300, 2400);
  const ProgramResult wrong = easel.run("photo.ppm", "out.png", {"--memory", "much"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(
      wrong.err,
      ContainsSubstring("memory: expected 'auto' or a size such as '512M' or '4G', found 'much'"));
  const ProgramResult little = easel.run("photo.ppm", "out.png", {"--memory", "50K"});
  CHECK(little.exit_code == 1);
  CHECK_THAT(little.err,
             ContainsSubstring("memory: expected at least ") &&
                 ContainsSubstring(" for a picture of 300x2400, found 50 KiB"));
  const ProgramResult nowhere =
      easel.run("photo.ppm", "out.png", {"--memory", "6M", "--scratch", "none"});
  CHECK(nowhere.exit_code == 1);
  CHECK_THAT(nowhere.err, ContainsSubstring("none: cannot make a scratch file: No such file"));
  CHECK(easel.files() == std::vector<std::string>{"model.safetensors", "photo.ppm"});
}
