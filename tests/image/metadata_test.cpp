#include <tiffio.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/base/log.h"
#include "impasto/image/exif.h"
#include "impasto/image/image_io.h"
#include "impasto/image/tiff_tags.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

struct Warnings {
  std::vector<std::string> texts;

  Warnings() {
    set_log_sink([this](LogLevel, std::string_view text) { texts.emplace_back(text); });
  }
  ~Warnings() { set_log_sink({}); }
};

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using OpenTiff = std::unique_ptr<TIFF, CloseTiff>;

/// A TIFF file of one grey pixel with metadata, as libtiff writes them, in one of its modes.
void write_tiff_with_metadata(const fs::path& path, const std::string& mode) {
  const OpenTiff tiff(TIFFOpen(path.c_str(), mode.c_str()));
  REQUIRE(tiff != nullptr);
  const auto fields = [&] {
    TIFFSetField(tiff.get(), TIFFTAG_IMAGEWIDTH, 1);
    TIFFSetField(tiff.get(), TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff.get(), TIFFTAG_MAKE, "Impasto camera");
    TIFFSetField(tiff.get(), TIFFTAG_ARTIST, "me");
    TIFFSetField(tiff.get(), TIFFTAG_XRESOLUTION, 300.0);
    TIFFSetField(tiff.get(), TIFFTAG_XMLPACKET, 4, "<x/>");
  };
  fields();
  std::uint8_t pixel = 77;
  TIFFWriteScanline(tiff.get(), &pixel, 0, 0);
  TIFFWriteDirectory(tiff.get());
  TIFFCreateEXIFDirectory(tiff.get());
  TIFFSetField(tiff.get(), EXIFTAG_EXPOSURETIME, 0.25);
  TIFFSetField(tiff.get(), EXIFTAG_MAKERNOTE, 9, "secret at");
  std::uint64_t place = 0;
  TIFFWriteCustomDirectory(tiff.get(), &place);
  TIFFSetDirectory(tiff.get(), 0);
  TIFFSetField(tiff.get(), TIFFTAG_EXIFIFD, place);
}

/// What libtiff finds in a file.
void check_tiff_metadata(const fs::path& path) {
  const OpenTiff tiff(TIFFOpen(path.c_str(), "r"));
  REQUIRE(tiff != nullptr);
  const char* text = nullptr;
  REQUIRE(TIFFGetField(tiff.get(), TIFFTAG_MAKE, &text));
  CHECK(std::string(text) == "Impasto camera");
  REQUIRE(TIFFGetField(tiff.get(), TIFFTAG_ARTIST, &text));
  CHECK(std::string(text) == "me");
  float resolution = 0;
  REQUIRE(TIFFGetField(tiff.get(), TIFFTAG_XRESOLUTION, &resolution));
  CHECK(resolution == 300);
  std::uint32_t count = 0;
  REQUIRE(TIFFGetField(tiff.get(), TIFFTAG_XMLPACKET, &count, &text));
  CHECK(std::string(text, count) == "<x/>");
  std::uint64_t place = 0;
  REQUIRE(TIFFGetField(tiff.get(), TIFFTAG_EXIFIFD, &place));
  REQUIRE(TIFFReadEXIFDirectory(tiff.get(), place));
  float exposure = 0;
  REQUIRE(TIFFGetField(tiff.get(), EXIFTAG_EXPOSURETIME, &exposure));
  CHECK(exposure == 0.25);
  CHECK_FALSE(TIFFGetField(tiff.get(), EXIFTAG_MAKERNOTE, &count, &text));
}

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
}

TEST_CASE("metadata that a format does not hold are left out with a warning") {
  const Metadata metadata = read_picture(golden_picture("metadata.jpg")).metadata;
  const Image image = gradient(20, 20);
  const TemporaryFolder folder;
  const Warnings warnings;
  for (const char* extension : {".bmp", ".ppm"}) {
    write_image(folder / (std::string("a") + extension), image, {.metadata = metadata});
    CHECK(read_file(folder / (std::string("a") + extension)) == encode_image(extension, image));
  }
  const std::string reason = ": metadata are left out, as the format holds none";
  CHECK(warnings.texts == std::vector<std::string>{(folder / "a.bmp").string() + reason,
                                                   (folder / "a.ppm").string() + reason});
}

TEST_CASE("blocks that a JPEG segment does not hold are left out") {
  const Metadata metadata{.exif = to_bytes(std::string(70'000, 'x')), .xmp = to_bytes("<x/>")};
  const Warnings warnings;
  const Picture picture =
      decode_picture(encode_image(".jpg", gradient(20, 20), {.metadata = metadata}), "x");
  CHECK(picture.metadata == Metadata{.xmp = to_bytes("<x/>")});
  CHECK(warnings.texts ==
        std::vector<std::string>{
            "picture: EXIF of 70000 bytes is left out, as JPEG holds 64 kB of it"});
}

TEST_CASE("a file cut anywhere in its metadata is no reason to crash") {
  const TemporaryFolder folder;
  write_tiff_with_metadata(folder / "a.tif", "wb");
  for (const fs::path& path : {golden_picture("metadata.jpg"),
                               golden_picture("metadata.png"),
                               golden_picture("metadata.webp"),
                               golden_picture("profile.png"),
                               folder / "a.tif"}) {
    const auto bytes = read_file(path);
    for (std::size_t count = 0; count < bytes.size(); ++count) {
      try {
        decode_picture(std::span(bytes).first(count), "x");
      } catch (const std::exception&) {
      }
    }
  }
  SUCCEED();
}

TEST_CASE("what TIFF files say of a picture goes to TIFF and to other formats") {
  const TemporaryFolder folder;
  // Both byte orders, and BigTIFF.
  const std::string mode = GENERATE("wl", "wb", "w8l", "w8b");
  CAPTURE(mode);
  write_tiff_with_metadata(folder / "in.tif", mode);
  const Picture picture = read_picture(folder / "in.tif");
  CHECK(text_of(picture.metadata.xmp) == "<x/>");
  CHECK_THAT(text_of(picture.metadata.exif), ContainsSubstring("Impasto camera"));
  CHECK_THAT(text_of(picture.metadata.exif), !ContainsSubstring("secret"));
  write_image(folder / "out.tif", gradient(20, 30), {.metadata = picture.metadata});
  check_tiff_metadata(folder / "out.tif");
  CHECK(read_image(folder / "out.tif") == gradient(20, 30));
  CHECK(read_picture(folder / "out.tif").metadata == picture.metadata);
  // By way of another format.
  write_image(folder / "out.png", gradient(20, 30), {.metadata = picture.metadata});
  const Metadata from_png = read_picture(folder / "out.png").metadata;
  CHECK(from_png == picture.metadata);
  write_image(folder / "again.tif", gradient(20, 30, 4), {.metadata = from_png});
  check_tiff_metadata(folder / "again.tif");
}

TEST_CASE("IPTC is bytes, whatever a big-endian file calls it") {
  // One entry: IPTC, one number of 4 bytes.
  const std::string file("MM\0\x2A\0\0\0\x08\0\x01\x83\xBB\0\x04\0\0\0\x01\x1C\x02\x05\x41\0\0\0\0",
                         26);
  const std::string block("II*\0\x08\0\0\0\x01\0\xBB\x83\x07\0\x04\0\0\0\x1C\x02\x05\x41\0\0\0\0",
                          26);
  const std::vector<std::byte> bytes = to_bytes(file);
  CHECK(text_of(tiff_metadata(ByteReader(bytes)).exif) == block);
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

TEST_CASE("TIFF directories that point to themselves come to an end") {
  // Two entries, EXIF and GPS, both of which point to the directory that they are in.
  const std::string file(
      "II*"
      "\0\x08\0\0\0\x02\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x25\x88\x04\0\x01\0\0\0\x08\0\0\0\0\0\0"
      "\0",
      38);
  const std::vector<std::byte> bytes = to_bytes(file);
  CHECK(tiff_metadata(ByteReader(bytes)).exif.size() < 1000);
  // The largest count that there is.
  std::string many = file;
  many[8] = many[9] = '\xFF';
  const std::vector<std::byte> more = to_bytes(many);
  CHECK(tiff_metadata(ByteReader(more)).exif.size() < 1000);
}
