#include <fstream>
#include <string>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

std::size_t size_of_encoded(const std::string& extension, const WriteOptions& options) {
  return encode_image(extension, read_image(golden_picture("noise.bmp")), options).size();
}

}  // namespace

TEST_CASE("lossless formats give the same pixels back") {
  const TemporaryFolder folder;
  const std::string extension = GENERATE(".png", ".PNG", ".bmp", ".webp");
  CAPTURE(extension);
  const Image image = gradient(37, 23);
  const auto path = folder / ("picture" + extension);
  write_image(path, image, {.webp_quality = 101});
  CHECK(read_image(path) == image);
}

TEST_CASE("lossy formats come close") {
  const std::string extension = GENERATE(".jpg", ".jpeg", ".JPG", ".webp");
  CAPTURE(extension);
  const Image image = gradient(64, 48);
  const Image back = decode_image(encode_image(extension, image), extension);
  REQUIRE(back.width() == image.width());
  REQUIRE(back.height() == image.height());
  CHECK(mean_difference(back, image) < 3);
}

TEST_CASE("alpha is kept in PNG and WebP") {
  const std::string extension = GENERATE(".png", ".webp");
  const Image image = gradient(20, 30, 4);
  const auto bytes = encode_image(extension, image, {.webp_quality = 101});
  CHECK(decode_image(bytes, extension, {.keep_alpha = true}) == image);
}

TEST_CASE("alpha is laid on white in JPEG and BMP") {
  const std::string extension = GENERATE(".jpg", ".bmp");
  Image image(16, 16, 4);  // Black.
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) image.row(y)[4 * x + 3] = 51;
  }
  const Image back = decode_image(encode_image(extension, image), extension);
  // 0 * 51/255 + 255 * 204/255 = 204.
  CHECK(largest_difference(pixel_at(back, 8, 8), {204, 204, 204}) <= 1);
}

TEST_CASE("quality and compression change the size of the file") {
  CHECK(size_of_encoded(".jpg", {.jpeg_quality = 30}) <
        size_of_encoded(".jpg", {.jpeg_quality = 90}));
  CHECK(size_of_encoded(".webp", {.webp_quality = 30}) <
        size_of_encoded(".webp", {.webp_quality = 90}));
  const Image smooth = gradient(64, 48);
  CHECK(encode_image(".png", smooth, {.png_compression = 9}).size() <
        encode_image(".png", smooth, {.png_compression = 0}).size());
}

TEST_CASE("an unknown extension is a ConfigError that lists the known ones") {
  CHECK_THROWS_AS(require_writable_format("out.gif"), ConfigError);
  CHECK_THROWS_WITH(require_writable_format("out.gif"),
                    ContainsSubstring("out.gif: expected a name that ends in .png, .jpg, .jpeg, "
                                      ".webp, .tif, .tiff, .ppm or .bmp, found '.gif'"));
  CHECK_THROWS_WITH(require_writable_format("out"), ContainsSubstring("found no extension"));
  CHECK_NOTHROW(require_writable_format("a.b/out.WebP"));
}

TEST_CASE("options out of range are named") {
  const Image image = gradient(16, 16);
  CHECK_THROWS_WITH(encode_image(".jpg", image, {.jpeg_quality = 0}),
                    ContainsSubstring("jpeg_quality: expected 1 to 100, found 0"));
  CHECK_THROWS_WITH(encode_image(".webp", image, {.webp_quality = 102}),
                    ContainsSubstring("webp_quality: expected 1 to 101, found 102"));
  CHECK_THROWS_WITH(encode_image(".png", image, {.png_compression = 10}),
                    ContainsSubstring("png_compression: expected 0 to 9, found 10"));
}

TEST_CASE("a picture larger than the format allows is a ConfigError") {
  CHECK_THROWS_WITH(encode_image(".webp", Image(16384, 1)),
                    ContainsSubstring("expected sides of at most 16383 pixels for WebP, found "
                                      "16384x1; PNG takes larger pictures"));
  CHECK_THROWS_WITH(encode_image(".jpg", Image(1, 65501)), ContainsSubstring("for JPEG"));
  CHECK(decode_image(encode_image(".webp", Image(16383, 1)), "webp").width() == 16383);
  CHECK(decode_image(encode_image(".jpg", Image(65500, 1)), "jpeg").width() == 65500);
  CHECK_THROWS_WITH(encode_image(".png", Image()), ContainsSubstring("found an empty one"));
}

TEST_CASE("a failing write leaves the old file and nothing else") {
  const TemporaryFolder folder;
  const auto path = folder / "old.webp";
  write_image(path, gradient(16, 16));
  const auto before = read_file(path);
  CHECK_THROWS_AS(write_image(path, Image(16384, 1)), ConfigError);
  CHECK(read_file(path) == before);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a path below a file cannot be written") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  CHECK_THROWS_AS(write_image(folder / "file/out.png", gradient(16, 16)), IoError);
}
