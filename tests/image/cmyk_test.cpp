// Pictures made of inks, in files that the tests write: with a profile, and without.

#include <cstdio>
// jpeglib.h needs FILE to be declared before it.
#include <jpeglib.h>
#include <lcms2.h>
#include <tiffio.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/log.h"
#include "impasto/base/random.h"
#include "impasto/image/image_io.h"
#include "impasto/image/row_io.h"
#include "support/catch.h"
#include "support/pictures.h"
#include "support/temporary_folder.h"

using namespace impasto;
namespace fs = std::filesystem;

namespace {

using Inks = std::array<double, 4>;    // 0 (none) to 1
using Colour = std::array<double, 3>;  // Lab, or sRGB in 0..1

// All in reach of sRGB, printed or not.
const std::vector<Inks> kPatches = {{0, 0, 0, 0},
                                    {0, 0, 0, 1},
                                    {0.2, 0.1, 0.3, 0.1},
                                    {0.1, 0.5, 0.4, 0.2},
                                    {0.4, 0.2, 0.1, 0.5},
                                    {0.3, 0.3, 0.7, 0}};

/// Lab (D50) of the inks of a made-up printer: linear in each, so that a table of the corners alone
/// says all of it. White is white, as relative intents have it, and black a dark grey, which no
/// formula without the profile gives.
Colour printed(const Inks& ink) {
  const auto [c, m, y, k] = ink;
  return {
      100 - 15 * c - 20 * m - 5 * y - 48 * k, -14 * c + 40 * m - 4 * y, -22 * c + 2 * m + 38 * y};
}

/// By CIE 15 and IEC 61966-2-1, with Bradford's adaptation from D50 to D65.
Colour srgb_of(const Colour& lab) {
  const double fy = (lab[0] + 16) / 116;
  const auto cube = [](double f) {
    return f > 6.0 / 29 ? f * f * f : (f - 16.0 / 116) * 3 * 36 / 841;
  };
  const double x = 0.96422 * cube(fy + lab[1] / 500), y = cube(fy),
               z = 0.82521 * cube(fy - lab[2] / 200);
  const Colour linear = {3.1338561 * x - 1.6168667 * y - 0.4906146 * z,
                         -0.9787684 * x + 1.9161415 * y + 0.0334540 * z,
                         0.0719453 * x - 0.2289914 * y + 1.4052427 * z};
  Colour result;
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = linear[i];
    result[i] = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
  }
  return result;
}

Colour plain_formula(const Inks& ink) {
  return {(1 - ink[0]) * (1 - ink[3]), (1 - ink[1]) * (1 - ink[3]), (1 - ink[2]) * (1 - ink[3])};
}

Pixel in_bytes(const Colour& colour) {
  Pixel pixel;
  for (const double c : colour) pixel.push_back(static_cast<int>(std::lround(255 * c)));
  return pixel;
}

/// The printer's ICC profile.
std::vector<std::byte> printer_profile() {
  const auto close = [](void* profile) { cmsCloseProfile(profile); };
  const std::unique_ptr<void, decltype(close)> profile(cmsCreateProfilePlaceholder(nullptr), close);
  cmsSetProfileVersion(profile.get(), 2.1);
  cmsSetDeviceClass(profile.get(), cmsSigOutputClass);
  cmsSetColorSpace(profile.get(), cmsSigCmykData);
  cmsSetPCS(profile.get(), cmsSigLabData);
  cmsSetHeaderRenderingIntent(profile.get(), INTENT_RELATIVE_COLORIMETRIC);
  cmsStage* const table = cmsStageAllocCLut16bit(nullptr, 2, 4, 3, nullptr);
  const auto sample = [](const cmsUInt16Number in[], cmsUInt16Number out[], void*) {
    Inks ink;
    for (std::size_t i = 0; i < 4; ++i) ink[i] = in[i] / 65535.0;
    const Colour colour = printed(ink);
    const cmsCIELab lab = {colour[0], colour[1], colour[2]};
    cmsFloat2LabEncodedV2(out, &lab);
    return 1;
  };
  REQUIRE(cmsStageSampleCLut16bit(table, sample, nullptr, 0));
  cmsPipeline* const pipeline = cmsPipelineAlloc(nullptr, 4, 3);
  REQUIRE(cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, table));
  REQUIRE(cmsWriteTag(profile.get(), cmsSigAToB0Tag, pipeline));
  cmsPipelineFree(pipeline);
  cmsUInt32Number size = 0;
  REQUIRE(cmsSaveProfileToMem(profile.get(), nullptr, &size));
  std::vector<std::byte> bytes(size);
  REQUIRE(cmsSaveProfileToMem(profile.get(), bytes.data(), &size));
  return bytes;
}

constexpr int kPatchSide = 16;

int width() { return kPatchSide * static_cast<int>(kPatches.size()); }

/// Interleaved rows of the patches, side by side, 0 for no ink.
template <class Sample>
std::vector<Sample> patches() {
  std::vector<Sample> row;
  for (const Inks& ink : kPatches) {
    for (int x = 0; x < kPatchSide; ++x) {
      for (const double i : ink) {
        row.push_back(static_cast<Sample>(std::lround(i * std::numeric_limits<Sample>::max())));
      }
    }
  }
  std::vector<Sample> rows;
  for (int y = 0; y < kPatchSide; ++y) rows.insert(rows.end(), row.begin(), row.end());
  return rows;
}

enum class Adobe { kNo, kCmyk, kYcck };

/// Adobe's files hold 255 for no ink, and say so in a marker.
void write_jpeg(const fs::path& path, Adobe adobe, const std::vector<std::byte>& profile) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  jpeg_stdio_dest(&info, file);
  info.image_width = static_cast<JDIMENSION>(width());
  info.image_height = kPatchSide;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, adobe == Adobe::kYcck ? JCS_YCCK : JCS_CMYK);
  if (adobe == Adobe::kNo) info.write_Adobe_marker = FALSE;
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  if (!profile.empty()) {
    jpeg_write_icc_profile(&info,
                           reinterpret_cast<const JOCTET*>(profile.data()),
                           static_cast<unsigned>(profile.size()));
  }
  std::vector<std::uint8_t> rows = patches<std::uint8_t>();
  if (adobe != Adobe::kNo) {
    for (std::uint8_t& ink : rows) ink = static_cast<std::uint8_t>(255 - ink);
  }
  for (int y = 0; y < kPatchSide; ++y) {
    JSAMPROW row = rows.data() + static_cast<std::ptrdiff_t>(4) * width() * y;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::fclose(file);
}

enum class Layout { kStrips, kTiles, kPlanes };

template <class Sample>
void write_tiff(const fs::path& path, Layout layout, const std::vector<std::byte>& profile) {
  TIFF* const tiff = TIFFOpen(path.c_str(), "w");
  REQUIRE(tiff != nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width());
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kPatchSide);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 4);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8 * sizeof(Sample));
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_SEPARATED);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
  TIFFSetField(tiff,
               TIFFTAG_PLANARCONFIG,
               layout == Layout::kPlanes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (!profile.empty()) {
    TIFFSetField(
        tiff, TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(profile.size()), profile.data());
  }
  std::vector<Sample> rows = patches<Sample>();
  const std::size_t stride = std::size_t{4} * width();
  if (layout == Layout::kTiles) {
    constexpr int kSide = 32;  // Wider and higher than what is left at the right and below.
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kSide);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, kSide);
    for (int x = 0; x < width(); x += kSide) {
      std::vector<Sample> tile(std::size_t{4} * kSide * kSide);
      for (int y = 0; y < kPatchSide; ++y) {
        std::copy_n(rows.data() + stride * y + std::size_t{4} * x,
                    4 * std::min(kSide, width() - x),
                    tile.data() + std::size_t{4} * kSide * y);
      }
      TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(x), 0, 0, 0);
    }
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 5);
    for (int plane = 0; plane < (layout == Layout::kPlanes ? 4 : 1); ++plane) {
      for (int y = 0; y < kPatchSide; ++y) {
        std::vector<Sample> row(rows.data() + stride * y, rows.data() + stride * (y + 1));
        if (layout == Layout::kPlanes) {
          for (int x = 0; x < width(); ++x) row[x] = row[std::size_t{4} * x + plane];
        }
        TIFFWriteScanline(
            tiff, row.data(), static_cast<std::uint32_t>(y), static_cast<std::uint16_t>(plane));
      }
    }
  }
  TIFFClose(tiff);
}

/// Largest difference from what a function of inks gives, in the patches' middles.
int difference(const Image& image, Colour (*expected)(const Inks&)) {
  REQUIRE(image.width() == width());
  REQUIRE(image.height() == kPatchSide);
  int largest = 0;
  for (std::size_t i = 0; i < kPatches.size(); ++i) {
    const Pixel found = pixel_at(image, kPatchSide * static_cast<int>(i) + 8, 8);
    largest = std::max(largest, largest_difference(found, in_bytes(expected(kPatches[i]))));
  }
  return largest;
}

Colour seen(const Inks& ink) { return srgb_of(printed(ink)); }

Image by_rows(const fs::path& path) {
  const auto rows = open_rows(path);
  REQUIRE(rows->sample_bytes() == 1);
  Image image(rows->width(), rows->height(), rows->channels());
  for (int y = 0; y < image.height(); ++y) rows->read({image.row(y), image.stride()});
  return image;
}

}  // namespace

TEST_CASE("the printer's colours are in reach, and far from the plain formula's") {
  int most = 0;
  for (const Inks& ink : kPatches) {
    for (const double c : seen(ink)) {
      CHECK(c >= 0);
      CHECK(c <= 1.0001);
    }
    most = std::max(most, largest_difference(in_bytes(seen(ink)), in_bytes(plain_formula(ink))));
  }
  CHECK(most > 40);
}

TEST_CASE("CMYK JPEG files are converted by their profile, or by the plain formula") {
  const TemporaryFolder folder;
  const Adobe adobe = GENERATE(Adobe::kNo, Adobe::kCmyk, Adobe::kYcck);
  CAPTURE(static_cast<int>(adobe));
  write_jpeg(folder / "profile.jpg", adobe, printer_profile());
  write_jpeg(folder / "plain.jpg", adobe, {});
  CHECK(difference(read_image(folder / "profile.jpg"), seen) <= 3);
  CHECK(difference(read_image(folder / "plain.jpg"), plain_formula) <= 3);
  CHECK(by_rows(folder / "profile.jpg") == read_image(folder / "profile.jpg"));
  CHECK(by_rows(folder / "plain.jpg") == read_image(folder / "plain.jpg"));
}

TEST_CASE("CMYK TIFF files are converted by their profile, or by the plain formula") {
  const TemporaryFolder folder;
  const Layout layout = GENERATE(Layout::kStrips, Layout::kTiles, Layout::kPlanes);
  CAPTURE(static_cast<int>(layout));
  const fs::path file = folder / "a.tif";
  for (const bool profiled : {true, false}) {
    CAPTURE(profiled);
    const auto profile = profiled ? printer_profile() : std::vector<std::byte>();
    Colour (*const expected)(const Inks&) = profiled ? seen : plain_formula;
    write_tiff<std::uint8_t>(file, layout, profile);
    CHECK(difference(read_image(file), expected) <= 2);
    CHECK(by_rows(file) == read_image(file));
    write_tiff<std::uint16_t>(file, layout, profile);
    CHECK(difference(read_image(file), expected) <= 1);
    CHECK(open_rows(file)->sample_bytes() == 2);
  }
}

TEST_CASE("a damaged profile of inks is passed over with a warning") {
  const TemporaryFolder folder;
  std::vector<std::byte> profile = printer_profile();
  profile.resize(200);  // The header, which says CMYK, and a list of parts that are not there.
  write_jpeg(folder / "a.jpg", Adobe::kCmyk, profile);
  std::vector<std::string> warnings;
  set_log_sink([&](LogLevel, std::string_view text) { warnings.emplace_back(text); });
  const Image image = read_image(folder / "a.jpg");
  set_log_sink({});
  CHECK(difference(image, plain_formula) <= 3);
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0],
             ContainsSubstring("a.jpg: damaged colour profile; its colours are taken as "));
}

TEST_CASE("whatever bytes of a TIFF file are changed, there is a picture or a FormatError") {
  const TemporaryFolder folder;
  const fs::path file = folder / "a.tif";
  const std::string kind =
      GENERATE("strips", "tiles", "planes", "rgb.tif", "rgba.tif", "grey16.tif");
  CAPTURE(kind);
  if (kind == "strips") write_tiff<std::uint8_t>(file, Layout::kStrips, {});
  if (kind == "tiles") write_tiff<std::uint16_t>(file, Layout::kTiles, {});
  if (kind == "planes") write_tiff<std::uint8_t>(file, Layout::kPlanes, {});
  if (kind.ends_with(".tif")) fs::copy_file(golden_picture(kind), file);
  const std::vector<std::byte> original = read_file(file);
  for (std::uint64_t i = 0; i < 300; ++i) {
    CAPTURE(i);
    CounterRandom random(2, i);
    std::vector<std::byte> bytes = original;
    for (int change = 0; change < 2; ++change) {
      // Mostly in the directory, which libtiff writes last.
      const std::size_t last = std::min<std::size_t>(bytes.size(), i % 3 == 0 ? bytes.size() : 200);
      bytes[bytes.size() - 1 - random.below(last)] = static_cast<std::byte>(random.below(256));
    }
    try {
      const Picture picture = decode_picture(bytes, "photo.x", {.keep_alpha = true});
      CHECK(picture.pixels.index() < 2);
    } catch (const FormatError& error) {
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith("photo.x: "));
    }
  }
}
