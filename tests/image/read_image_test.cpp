#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/random.h"
#include "impasto/image/image_io.h"
#include "support/captured_stderr.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

const Pixel kRed = {255, 0, 0}, kGreen = {0, 255, 0}, kBlue = {0, 0, 255}, kWhite = {255, 255, 255};

// Largest difference at the quadrants' centres of a 32x16 picture; 256 when it has another size.
int quadrant_difference(const Image& image, const std::vector<Pixel>& expected) {
  if (image.width() != 32 || image.height() != 16) return 256;
  return std::max({largest_difference(pixel_at(image, 8, 4), expected[0]),
                   largest_difference(pixel_at(image, 24, 4), expected[1]),
                   largest_difference(pixel_at(image, 8, 12), expected[2]),
                   largest_difference(pixel_at(image, 24, 12), expected[3])});
}

const std::vector<Pixel> kColours = {kRed, kGreen, kBlue, kWhite};

Pixel grey(int value) { return {value, value, value}; }

std::vector<std::byte> first_bytes(const std::filesystem::path& path, double share) {
  std::vector<std::byte> bytes = read_file(path);
  bytes.resize(static_cast<std::size_t>(static_cast<double>(bytes.size()) * share));
  return bytes;
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

// The message of the FormatError, and what was printed, which must be nothing.
std::string decoding_error(const std::vector<std::byte>& bytes) {
  std::string message = "no error";
  CapturedStderr printed;
  try {
    decode_image(bytes, "photo.x");
  } catch (const FormatError& error) {
    message = error.what();
  }
  return message + printed.text();
}

}  // namespace

TEST_CASE("every format and kind of picture becomes 8-bit RGB") {
  const std::string name = GENERATE("rgb.jpg",
                                    "progressive.jpg",
                                    "rgb.png",
                                    "rgb.webp",
                                    "rgb.bmp",
                                    "rgb.tif",
                                    "palette.png",
                                    "palette.bmp",
                                    "rgb16.png",
                                    "palette_transparent.png",
                                    "cmyk_adobe.jpg",
                                    "cmyk_plain.jpg",
                                    "ycck_adobe.jpg");
  CAPTURE(name);
  CapturedStderr printed;
  const Image image = read_image(golden_picture(name));
  CHECK(image.channels() == 3);
  CHECK(quadrant_difference(image, kColours) <= 3);
  CHECK(printed.text() == "");
}

TEST_CASE("grey pictures have three equal channels") {
  const std::string name = GENERATE("grey.png", "grey.jpg", "grey16.png", "grey16.tif");
  CAPTURE(name);
  const Image image = read_image(golden_picture(name));
  CHECK(image.channels() == 3);
  CHECK(quadrant_difference(image, {grey(0), grey(51), grey(102), grey(255)}) <= 1);
}

TEST_CASE("one bit a pixel becomes black and white") {
  const Image image = read_image(golden_picture("bilevel.png"));
  CHECK(quadrant_difference(image, {grey(0), grey(0), grey(255), grey(255)}) == 0);
}

TEST_CASE("16 bits are scaled to 8 and rounded, not cut") {
  const Image image = read_image(golden_picture("rounding16.png"));
  const std::vector<int> expected = {1, 254, 0, 1};
  for (int x = 0; x < 4; ++x) {
    CAPTURE(x);
    CHECK(pixel_at(image, x, 0) == grey(expected[static_cast<std::size_t>(x)]));
  }
}

TEST_CASE("transparency is laid on white, or kept when asked") {
  const std::string name = GENERATE("rgba.png", "rgba.webp", "rgba.tif");
  CAPTURE(name);
  // 255 * 128/255 + 255 * 127/255 = 255, and 0 * 128/255 + 255 * 127/255 = 127.
  const Image flat = read_image(golden_picture(name));
  CHECK(flat.channels() == 3);
  CHECK(quadrant_difference(flat, {{255, 127, 127}, {127, 255, 127}, {127, 127, 255}, kWhite}) <=
        1);

  const Image kept = read_image(golden_picture(name), {.keep_alpha = true});
  CHECK(kept.channels() == 4);
  CHECK(quadrant_difference(
            kept, {{255, 0, 0, 128}, {0, 255, 0, 128}, {0, 0, 255, 128}, {255, 255, 255, 128}}) <=
        1);
}

TEST_CASE("a palette's transparent colour becomes alpha") {
  const Image kept = read_image(golden_picture("palette_transparent.png"), {.keep_alpha = true});
  CHECK(quadrant_difference(
            kept, {{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 0}}) <= 1);
}

TEST_CASE("16-bit grey with alpha keeps both") {
  const auto path = golden_picture("grey_alpha16.png");
  const Image kept = read_image(path, {.keep_alpha = true});
  CHECK(quadrant_difference(
            kept,
            {{0, 0, 0, 128}, {51, 51, 51, 128}, {102, 102, 102, 128}, {255, 255, 255, 128}}) == 0);
  // 51 * 128/255 + 127 = 152.6
  CHECK(pixel_at(read_image(path), 24, 4) == grey(153));
}

TEST_CASE("asking for alpha gives three channels where there is none") {
  CHECK(read_image(golden_picture("rgb.png"), {.keep_alpha = true}).channels() == 3);
  CHECK(read_image(golden_picture("rgb.jpg"), {.keep_alpha = true}).channels() == 3);
}

TEST_CASE("every EXIF orientation is turned upright") {
  const int orientation = GENERATE(range(1, 9));
  CAPTURE(orientation);
  const auto path = golden_picture("orientation_" + std::to_string(orientation) + ".jpg");
  CHECK(quadrant_difference(read_image(path), kColours) <= 3);
}

TEST_CASE("orientation is applied in every format that has it") {
  const std::string name = GENERATE("orientation_6.png", "orientation_6.webp", "orientation_6.tif");
  CAPTURE(name);
  CHECK(quadrant_difference(read_image(golden_picture(name)), kColours) <= 3);
  CHECK(quadrant_difference(read_image(golden_picture(name), {.keep_alpha = true}), kColours) <= 3);
}

TEST_CASE("a picture that is cut short is an error that says so") {
  const std::string name = GENERATE(
      "noise.jpg", "noise_progressive.jpg", "noise.png", "noise.webp", "noise.bmp", "rgb.bmp");
  const double share = GENERATE(0.3, 0.6, 0.95);
  CAPTURE(name, share);
  const std::string message = decoding_error(first_bytes(golden_picture(name), share));
  CHECK_THAT(message, ContainsSubstring("photo.x: the "));
  CHECK_THAT(message, ContainsSubstring("file is cut short"));
}

TEST_CASE("a JPEG that lacks nothing but its end marker is read") {
  std::vector<std::byte> bytes = read_file(golden_picture("noise.jpg"));
  const Image whole = decode_image(bytes, "whole");
  bytes.resize(bytes.size() - 2);
  CHECK(decode_image(bytes, "photo.x") == whole);
}

TEST_CASE("a header alone is an error, whatever its format") {
  const std::string name = GENERATE("rgb.jpg", "rgb.png", "rgb.webp", "rgb.bmp");
  const std::size_t count = GENERATE(4, 12, 20, 30);
  CAPTURE(name, count);
  std::vector<std::byte> bytes = read_file(golden_picture(name));
  bytes.resize(count);
  CHECK_THAT(decoding_error(bytes), ContainsSubstring("photo.x: "));
}

TEST_CASE("damaged data are an error and nothing is printed") {
  std::vector<std::byte> png = read_file(golden_picture("noise.png"));
  png[png.size() / 2] ^= std::byte{1};
  CHECK_THAT(decoding_error(png), ContainsSubstring("photo.x: damaged PNG file: "));

  // A marker in the middle of the pixels.
  std::vector<std::byte> jpeg = read_file(golden_picture("noise.jpg"));
  jpeg[jpeg.size() / 2] = std::byte{0xFF};
  jpeg[jpeg.size() / 2 + 1] = std::byte{0xD9};
  CHECK_THAT(decoding_error(jpeg),
             ContainsSubstring("photo.x: damaged JPEG file: Corrupt JPEG data: premature end"));
}

TEST_CASE("whatever bytes are changed, there is a picture or a FormatError") {
  const std::string name = GENERATE("noise.jpg",
                                    "noise_progressive.jpg",
                                    "cmyk_adobe.jpg",
                                    "orientation_6.jpg",
                                    "palette_transparent.png",
                                    "orientation_6.png",
                                    "noise.webp",
                                    "orientation_6.webp",
                                    "palette.bmp");
  const std::vector<std::byte> original = read_file(golden_picture(name));
  CapturedStderr printed;  // A changed BMP header can still make OpenCV talk.
  for (std::uint64_t i = 0; i < 100; ++i) {
    CAPTURE(name, i);
    CounterRandom random(1, i);
    std::vector<std::byte> bytes = original;
    for (int change = 0; change < 2; ++change) {
      bytes[random.below(bytes.size())] = static_cast<std::byte>(random.below(256));
    }
    try {
      const Image image = decode_image(bytes, "photo.x", {.keep_alpha = true});
      CHECK_FALSE(image.empty());
    } catch (const FormatError& error) {
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith("photo.x: "));
    }
  }
}

TEST_CASE("sizes that no photo has are refused before memory is taken") {
  std::vector<std::byte> bmp = read_file(golden_picture("rgb.bmp"));
  for (const std::size_t at : {18, 22}) {  // Width and height, little-endian.
    bmp[at] = bmp[at + 1] = bmp[at + 2] = std::byte{0xFF};
  }
  CHECK_THAT(decoding_error(bmp),
             ContainsSubstring("expected a picture of at most 2^30 pixels, found a size of "
                               "16777215x16777215"));

  std::vector<std::byte> jpeg = read_file(golden_picture("rgb.jpg"));
  const std::string text(reinterpret_cast<const char*>(jpeg.data()), jpeg.size());
  const std::size_t frame = text.find("\xFF\xC0");
  for (const std::size_t at : {5, 6, 7, 8}) jpeg[frame + at] = std::byte{0xFF};
  CHECK_THAT(decoding_error(jpeg), ContainsSubstring("photo.x: "));
  for (const std::size_t at : {5, 7}) jpeg[frame + at] = std::byte{0x70};
  CHECK_THAT(
      decoding_error(jpeg),
      ContainsSubstring("photo.x: damaged JPEG file: a picture of 28927x28927 does not fit in "));

  // A tile of 16384x16384, in a file of 100 bytes.
  const auto tiff = [](char compression) {
    std::string file("II*\0\x08\0\0\0\x0A\0", 10);
    const auto entry = [&](int tag, int value) {
      for (const int n : {tag & 255, tag >> 8, 4, 0, 1, 0, 0, 0, value & 255, value >> 8, 0, 0}) {
        file += static_cast<char>(n);
      }
    };
    const int side = 16384;
    for (const auto& [tag, value] : std::vector<std::pair<int, int>>{{256, side},
                                                                     {257, side},
                                                                     {258, 8},
                                                                     {259, compression},
                                                                     {262, 2},
                                                                     {277, 3},
                                                                     {322, side},
                                                                     {323, side},
                                                                     {324, 8},
                                                                     {325, 90}}) {
      entry(tag, value);
    }
    return file + std::string(4, '\0');
  };
  for (const char compression : {1, 5, 8}) {  // None, LZW, Deflate.
    CHECK_THAT(
        decoding_error(bytes_of(tiff(compression))),
        ContainsSubstring("photo.x: damaged TIFF file: a picture of 16384x16384 does not fit in "
                          "134 bytes"));
  }
}

TEST_CASE("other data are refused by content, whatever the name") {
  CHECK_THAT(
      decoding_error(bytes_of("<html>not found</html>")),
      ContainsSubstring(
          "photo.x: expected a JPEG, PNG, WebP, TIFF, PPM or BMP picture, found other data"));
  CHECK_THAT(decoding_error({}),
             ContainsSubstring("photo.x: expected a picture, found an empty file"));
}

TEST_CASE("a format is told by content, not by the file's name") {
  const TemporaryFolder folder;
  std::filesystem::copy_file(golden_picture("rgb.png"), folder / "really_a_png.jpg");
  CHECK(quadrant_difference(read_image(folder / "really_a_png.jpg"), kColours) == 0);
}

TEST_CASE("what cannot be opened is an IoError that names the path") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_image(folder / "absent.jpg"), IoError);
  CHECK_THROWS_WITH(read_image(folder / "absent.jpg"), ContainsSubstring("absent.jpg"));
  CHECK_THROWS_AS(read_image(folder.path()), IoError);
}

TEST_CASE("file names with spaces and letters of every script work") {
  const TemporaryFolder folder;
  const auto path = folder / "b\u00fcro \u6d6e\u4e16\u7d75, 1.png";
  std::filesystem::copy_file(golden_picture("rgb.png"), path);
  CHECK(quadrant_difference(read_image(path), kColours) == 0);
}
