#include <algorithm>
#include <string>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/image/exif.h"
#include "impasto/image/image_io.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;

namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("metadata are read from every format that has them, for the picture as it is turned") {
  for (const char* name : {"metadata.jpg", "metadata.png", "metadata.webp"}) {
    CAPTURE(name);
    const Picture picture = read_picture(golden_picture(name));
    CHECK(std::get<Image>(picture.pixels).width() == 16);  // Turned by its orientation.
    CHECK_THAT(text_of(picture.metadata.exif), ContainsSubstring("Impasto camera"));
    CHECK(exif_orientation(picture.metadata.exif) == 1);
    CHECK(text_of(picture.metadata.xmp) == "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
  }
  CHECK(read_picture(golden_picture("rgb.jpg")).metadata.empty());
  CHECK(read_picture(golden_picture("rgb.tif")).metadata.empty());
}

TEST_CASE("metadata that are written are read back, and change no pixel") {
  const Metadata metadata = read_picture(golden_picture("metadata.jpg")).metadata;
  const int channels = GENERATE(3, 4);
  const Image image = gradient(33, 17, channels);
  for (const char* extension : {".jpg", ".png", ".webp"}) {
    for (const int quality : {90, 101}) {
      CAPTURE(extension, quality, channels);
      const WriteOptions plain{.webp_quality = quality};
      WriteOptions with = plain;
      with.metadata = metadata;
      const auto bytes = encode_image(extension, image, with);
      const Picture picture = decode_picture(bytes, "x", {.keep_alpha = true});
      CHECK(picture.metadata == metadata);
      CHECK(std::get<Image>(picture.pixels) ==
            decode_image(encode_image(extension, image, plain), "x", {.keep_alpha = true}));
    }
  }
  CHECK(encode_image(".bmp", image, {.metadata = metadata}) == encode_image(".bmp", image));
}

TEST_CASE("blocks that a JPEG segment does not hold are left out") {
  const Metadata metadata{.exif = to_bytes(std::string(70'000, 'x')), .xmp = to_bytes("<x/>")};
  const Picture picture =
      decode_picture(encode_image(".jpg", gradient(20, 20), {.metadata = metadata}), "x");
  CHECK(picture.metadata == Metadata{.xmp = to_bytes("<x/>")});
}

TEST_CASE("a file cut anywhere in its metadata is no reason to crash") {
  for (const char* name : {"metadata.jpg", "metadata.png", "metadata.webp", "profile.png"}) {
    const auto bytes = read_file(golden_picture(name));
    for (std::size_t count = 0; count < bytes.size(); ++count) {
      try {
        decode_picture(std::span(bytes).first(count), "x");
      } catch (const std::exception&) {
      }
    }
  }
  SUCCEED();
}

TEST_CASE("an upright EXIF block has no thumbnail, and garbage stays what it is") {
  // Big-endian: one entry, orientation 8, and a second directory at 26.
  const std::string block("MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\x1A",
                          26);
  const std::string upright("MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0",
                            26);
  CHECK(exif_orientation(to_bytes(block)) == 8);
  CHECK(text_of(upright_exif(to_bytes(block))) == upright);
  CHECK(text_of(upright_exif(to_bytes("garbage"))) == "garbage");
  CHECK(upright_exif({}).empty());
  // An entry count and offsets that point past the end.
  const std::string wild("II*\0\xFF\xFF\xFF\xFF\xFF\xFF", 10);
  CHECK(text_of(upright_exif(to_bytes(wild))) == wild);
}

TEST_CASE("16-bit PNG files keep their 16 bits, through files and memory") {
  Image16 image(300, 2, GENERATE(3, 4));
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    image.pixels()[i] = static_cast<std::uint16_t>(i * 109);
  }
  const TemporaryFolder folder;
  write_image(folder / "deep.png", image);
  const Picture picture = read_picture(folder / "deep.png", {.keep_alpha = true});
  REQUIRE(std::holds_alternative<Image16>(picture.pixels));
  CHECK(std::get<Image16>(picture.pixels) == image);
  const Image16 rgb = drop_alpha(image);
  CHECK(decode_image(encode_image(".bmp", rgb), "x") == to_8_bits(rgb));
  CHECK(std::holds_alternative<Image>(read_picture(golden_picture("rgb.png")).pixels));
  // Upright, grey and transparent ones too.
  for (const char* name : {"rgb16.png", "grey16.png", "grey_alpha16.png", "rounding16.png"}) {
    CAPTURE(name);
    const Picture deep = read_picture(golden_picture(name), {.keep_alpha = true});
    REQUIRE(std::holds_alternative<Image16>(deep.pixels));
    const Image shallow = to_8_bits(std::get<Image16>(deep.pixels));
    const Image read = read_image(golden_picture(name), {.keep_alpha = true});
    REQUIRE(shallow.pixels().size() == read.pixels().size());
    int largest = 0;
    for (std::size_t i = 0; i < read.pixels().size(); ++i) {
      largest = std::max(largest, std::abs(int{read.pixels()[i]} - int{shallow.pixels()[i]}));
    }
    CHECK(largest <= 1);
  }
}
