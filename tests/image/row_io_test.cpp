// Picture files read and written row by row: the same as whole.

#include "impasto/image/row_io.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "support/captured_stderr.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

namespace fs = std::filesystem;

/// All rows, `step` at a time.
template <class Sample = std::uint8_t>
BasicImage<Sample> read_rows(RowSource& rows, int step) {
  REQUIRE(rows.sample_bytes() == sizeof(Sample));
  BasicImage<Sample> image(rows.width(), rows.height(), rows.channels());
  rows.rewind();
  for (int y = 0; y < image.height(); y += step) {
    const std::size_t count = std::min(step, image.height() - y);
    rows.read({reinterpret_cast<std::uint8_t*>(image.row(y)), rows.stride() * count});
  }
  return image;
}

template <class Sample>
void write_rows(RowSink& sink, const BasicImage<Sample>& image, int step) {
  for (int y = 0; y < image.height(); y += step) {
    const std::size_t count = std::min(step, image.height() - y);
    sink.write({reinterpret_cast<const std::uint8_t*>(image.row(y)), sink.stride() * count});
  }
  sink.finish();
}

/// A gradient with something in its lower bits too.
Image16 deep_gradient(int width, int height, int channels) {
  Image16 image = to_16_bits(gradient(width, height, channels));
  std::uint16_t more = 0;
  for (std::uint16_t& value : image.pixels()) {
    value = static_cast<std::uint16_t>(value ^ (more = (more + 77) % 128));
  }
  return image;
}

std::size_t count_files(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("every golden picture reads by rows as it reads whole") {
  const TemporaryFolder folder;
  CapturedStderr printed;
  int read = 0, whole = 0;
  for (const auto& entry : fs::directory_iterator(project_file("tests/golden/pictures"))) {
    if (!is_picture_file(entry.path())) continue;
    CAPTURE(entry.path());
    const Picture picture = read_picture(entry.path(), {.keep_alpha = true});
    const auto rows = open_rows(entry.path(), folder.path());
    if (rows == nullptr) {
      const std::string extension = entry.path().extension();
      CHECK((extension == ".webp" || extension == ".bmp"));
      ++whole;
      continue;
    }
    ++read;
    std::visit(
        [&]<class Sample>(const BasicImage<Sample>& expected) {
          CHECK(read_rows<Sample>(*rows, 1) == expected);
          CHECK(read_rows<Sample>(*rows, 7) == expected);
          std::vector<std::uint8_t> first(rows->stride());
          rows->rewind();
          rows->read(first);
          CHECK(std::memcmp(first.data(), expected.row(0), first.size()) == 0);
          CHECK(read_rows<Sample>(*rows, expected.height()) == expected);
        },
        picture.pixels);
  }
  CHECK(read > 20);
  CHECK(whole >= 5);
  CHECK(printed.text() == "");
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("every orientation turns rows as it turns pictures, in several strips") {
  const TemporaryFolder folder;
  const int orientation = GENERATE(range(1, 9));
  CAPTURE(orientation);
  // The smallest EXIF block that says so, in front of a JPEG file's other segments.
  const Image picture = gradient(530, 600);
  std::vector<std::byte> bytes = encode_image(".jpg", picture);
  const std::string head(
      "\xFF\xE1\x00\x22"
      "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
      28);
  std::string exif = head + static_cast<char>(orientation) + std::string("\0\0\0\0\0\0\0", 7);
  exif.resize(36);
  std::string file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  file.insert(2, exif);
  const fs::path path = write_test_file(folder / "pictures/turned.jpg", file);
  const Image expected = read_image(path, {.keep_alpha = true});
  CHECK(expected.width() == (orientation < 5 ? 530 : 600));
  fs::create_directory(folder / "scratch");
  const auto rows = open_rows(path, folder / "scratch");
  REQUIRE(rows != nullptr);
  CHECK(read_rows(*rows, 97) == expected);
  CHECK(read_rows(*rows, 600) == expected);
  CHECK(fs::is_empty(folder / "scratch"));
}

TEST_CASE("every orientation turns rows of 16 bits too, with alpha") {
  const TemporaryFolder folder;
  const int orientation = GENERATE(range(1, 9));
  CAPTURE(orientation);
  const std::string block = std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) +
                            static_cast<char>(orientation) + std::string(7, '\0');
  const Image16 picture = deep_gradient(53, 300, 4);
  write_image(folder / "a.png", picture, {.metadata = {.exif = to_bytes(block)}});
  const auto expected =
      std::get<Image16>(read_picture(folder / "a.png", {.keep_alpha = true}).pixels);
  CHECK(expected.width() == (orientation < 5 ? 53 : 300));
  CHECK((expected == picture) == (orientation == 1));
  CHECK(read_rows<std::uint16_t>(*open_rows(folder / "a.png", folder.path()), 97) == expected);
}

TEST_CASE("every kind of TIFF reads by rows") {
  // Those of tests/golden cover strips; what is written here, more than one of them and alpha.
  const TemporaryFolder folder;
  const int channels = GENERATE(3, 4);
  const Image picture = gradient(61, 130, channels);
  write_image(folder / "a.tif", picture);
  CHECK(read_image(folder / "a.tif", {.keep_alpha = true}) == picture);
  const auto rows = open_rows(folder / "a.tif");
  REQUIRE(rows != nullptr);
  CHECK(rows->channels() == channels);
  CHECK(read_rows(*rows, 50) == picture);
  CHECK(rows->memory_bytes() < 1 << 16);
}

TEST_CASE("binary PPM and PGM of 8 and 16 bits, with comments") {
  const TemporaryFolder folder;
  const auto read_both = [&](const std::string& content) {
    const fs::path path = write_test_file(folder / "a.ppm", content);
    const Image whole = read_image(path);
    CHECK(read_rows(*open_rows(path), 1) == whole);
    return whole;
  };
  const Image rgb =
      read_both(std::string("P6 # made by hand\n2 1\n#\n255\n\x01\x02\x03\xFE\xFF\x00", 34));
  CHECK(pixel_at(rgb, 0, 0) == Pixel{1, 2, 3});
  CHECK(pixel_at(rgb, 1, 0) == Pixel{254, 255, 0});
  // 65535 is white; 257 is 1.
  const Image deep = read_both(
      std::string("P6\n1 2\n65535\n\xFF\xFF\x01\x01\x00\x00\x00\x00\x02\x02\x00\x80", 25));
  CHECK(pixel_at(deep, 0, 0) == Pixel{255, 1, 0});
  CHECK(pixel_at(deep, 0, 1) == Pixel{0, 2, 0});
  // 3 of 15 is 51 of 255.
  const Image grey = read_both(std::string("P5\n2 1\n15\n\x03\x0F", 12));
  CHECK(pixel_at(grey, 0, 0) == Pixel{51, 51, 51});
  CHECK(pixel_at(grey, 1, 0) == Pixel{255, 255, 255});
}

TEST_CASE("what is written by rows is what is written whole") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".ppm");
  const int channels = GENERATE(3, 4);
  CAPTURE(extension, channels);
  const Image picture = gradient(83, 59, channels);
  const WriteOptions options{.jpeg_quality = 80, .png_compression = 7};
  write_image(folder / ("whole" + extension), picture, options);
  for (const int step : {1, 16, 59}) {
    const fs::path path = folder / ("rows" + extension);
    const auto sink = create_rows(path, 83, 59, channels, options);
    REQUIRE(sink != nullptr);
    write_rows(*sink, picture, step);
    CHECK(read_file(path) == read_file(folder / ("whole" + extension)));
  }
  CHECK(count_files(folder.path()) == 2);
}

TEST_CASE("16 bits a channel are kept by rows as whole, in PNG and TIFF") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".png", ".tif");
  const int channels = GENERATE(3, 4);
  CAPTURE(extension, channels);
  const Image16 picture = deep_gradient(83, 59, channels);
  const fs::path whole = folder / ("whole" + extension), rows = folder / ("rows" + extension);
  write_image(whole, picture);
  write_rows(*create_rows(rows, 83, 59, channels, {}, 2), picture, 16);
  CHECK(read_file(rows) == read_file(whole));
  CHECK(std::get<Image16>(read_picture(rows, {.keep_alpha = true}).pixels) == picture);
  CHECK(read_rows<std::uint16_t>(*open_rows(rows), 7) == picture);
  // Read with 8, they are rounded.
  CHECK(largest_difference(read_image(rows, {.keep_alpha = true}), to_8_bits(picture)) == 0);
}

TEST_CASE("formats of 8 bits take 16 by rows and round them, as they do whole") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".jpg", ".ppm");
  CAPTURE(extension);
  const Image16 picture = deep_gradient(40, 30, 3);
  const fs::path whole = folder / ("whole" + extension), rows = folder / ("rows" + extension);
  write_image(whole, picture);
  const auto sink = create_rows(rows, 40, 30, 3, {}, 2);
  CHECK(sink->sample_bytes() == 2);
  write_rows(*sink, picture, 16);
  CHECK(read_file(rows) == read_file(whole));
}

TEST_CASE("a picture that is not written to its end leaves nothing, and what was there") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".png", ".jpg", ".tif", ".ppm");
  CAPTURE(extension);
  const fs::path path = write_test_file(folder / ("a" + extension), "old");
  const Image picture = gradient(30, 40);
  {
    const auto sink = create_rows(path, 30, 40, 3);
    sink->write({picture.row(0), picture.stride() * 39});
    CHECK(message_of<ConfigError>([&] { sink->finish(); }) ==
          path.string() + ": expected 40 rows, found 39");
    CHECK_THROWS_AS(sink->write({picture.row(0), picture.stride() * 2}), ConfigError);
  }
  CHECK(read_text_file(path) == "old");
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("a disk that fills up while rows are written is told, and nothing is left") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".png", ".jpg", ".tif", ".ppm");
  CAPTURE(extension);
  Image noise(400, 400);
  std::uint32_t state = 1;
  for (std::uint8_t& value : noise.pixels()) {
    value = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  }
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  auto* const handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  const std::string message = message_of<IoError>(
      [&] { write_rows(*create_rows(folder / ("a" + extension), 400, 400, 3), noise, 100); });
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  CHECK_THAT(message, ContainsSubstring("a" + extension + ": cannot write: "));
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a picture that is cut short or damaged is refused, wherever it ends") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".png", ".jpg", ".tif", ".ppm");
  CAPTURE(extension);
  const Image picture = gradient(200, 300);
  const std::vector<std::byte> bytes = encode_image(extension, picture);
  const auto half = std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size() / 2);
  const fs::path path = write_test_file(folder / ("half" + extension), half);
  CapturedStderr printed;
  const std::string message = message_of<FormatError>([&] { read_rows(*open_rows(path), 10); });
  CHECK_THAT(message, ContainsSubstring("half" + extension + ": "));
  CHECK(printed.text() == "");
}

TEST_CASE("what cannot be opened by rows says why") {
  const TemporaryFolder folder;
  CHECK_THAT(message_of<IoError>([&] { open_rows(folder / "none.jpg"); }),
             ContainsSubstring("none.jpg: cannot read: No such file"));
  CHECK_THAT(message_of<FormatError>([&] { open_rows(write_test_file(folder / "a.jpg", "")); }),
             ContainsSubstring("expected a picture, found an empty file"));
  CHECK_THAT(message_of<FormatError>([&] { open_rows(write_test_file(folder / "b.jpg", "text")); }),
             ContainsSubstring("expected a JPEG, PNG, WebP, TIFF, PPM or BMP picture"));
  CHECK_THAT(message_of<ConfigError>([&] { create_rows(folder / "a.gif", 1, 1, 3); }),
             ContainsSubstring("expected a name that ends in .png"));
  CHECK_THAT(message_of<ConfigError>([&] { create_rows(folder / "a.jpg", 70'000, 1, 3); }),
             ContainsSubstring("expected sides of at most 65500 pixels for JPEG"));
  CHECK(create_rows(folder / "a.webp", 10, 10, 3) == nullptr);
  CHECK(create_rows(folder / "a.bmp", 10, 10, 3) == nullptr);
}

TEST_CASE("a progressive JPEG says what its coefficients take, a plain one takes nothing") {
  // 4:2:0 or 4:4:4, at least a value of 2 bytes a pixel and at most three.
  const auto progressive = open_rows(golden_picture("noise_progressive.jpg"));
  const std::size_t pixels =
      progressive->stride() / 3 * static_cast<std::size_t>(progressive->height());
  CHECK(progressive->memory_bytes() >= 2 * pixels);
  CHECK(progressive->memory_bytes() < 10 * pixels);
  CHECK(open_rows(golden_picture("noise.jpg"))->memory_bytes() == 0);
}
