#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/image/alpha.h"
#include "impasto/image/encoders.h"
#include "impasto/image/file_parts.h"
#include "impasto/image/image_io.h"
#include "impasto/image/row_codecs.h"
#include "impasto/image/row_io.h"

namespace impasto {
namespace {

struct Format {
  const char* name;
  bool has_alpha;
  int longest_side;
  std::vector<std::byte> (*encode)(const Image& image, const WriteOptions& options);
  /// Null: 8 bits a channel are stored.
  std::vector<std::byte> (*encode16)(const Image16& image, const WriteOptions& options) = nullptr;
  /// Null: encoded whole.
  std::unique_ptr<RowSink> (*create)(const std::filesystem::path& path,
                                     int width,
                                     int height,
                                     int channels,
                                     int sample_bytes,
                                     const WriteOptions& options) = nullptr;
};

// The limits are those of libpng, libjpeg and the WebP format.
constexpr Format kPng{.name = "PNG",
                      .has_alpha = true,
                      .longest_side = 1'000'000,
                      .encode = encode_png,
                      .encode16 = encode_png16,
                      .create = create_png_rows};
constexpr Format kJpeg{.name = "JPEG",
                       .has_alpha = false,
                       .longest_side = 65'500,
                       .encode = encode_jpeg,
                       .create = create_jpeg_rows};
constexpr Format kWebp{
    .name = "WebP", .has_alpha = true, .longest_side = 16'383, .encode = encode_webp};
constexpr Format kTiff{.name = "TIFF",
                       .has_alpha = true,
                       .longest_side = 1'000'000,
                       .encode = encode_tiff,
                       .encode16 = encode_tiff16,
                       .create = create_tiff_rows};
constexpr Format kPpm{.name = "PPM",
                      .has_alpha = false,
                      .longest_side = 1'000'000,
                      .encode = encode_ppm,
                      .create = create_ppm_rows};
constexpr Format kBmp{
    .name = "BMP", .has_alpha = false, .longest_side = 1'000'000, .encode = encode_bmp};

// Null for an extension that is not written.
const Format* find_format(const std::string& extension) {
  const std::string lower = lower_case(extension);
  if (lower == ".png") return &kPng;
  if (lower == ".jpg" || lower == ".jpeg") return &kJpeg;
  if (lower == ".webp") return &kWebp;
  if (lower == ".tif" || lower == ".tiff") return &kTiff;
  if (lower == ".ppm") return &kPpm;
  if (lower == ".bmp") return &kBmp;
  return nullptr;
}

const Format& format_of(const std::string& extension, const std::string& where) {
  const Format* format = find_format(extension);
  if (format != nullptr) return *format;
  const std::string found = extension.empty() ? "no extension" : "'" + extension + "'";
  throw ConfigError(where +
                    ": expected a name that ends in .png, .jpg, .jpeg, .webp, .tif, .tiff, .ppm or "
                    ".bmp, found " +
                    found);
}

void require_range(const char* name, int value, int smallest, int largest) {
  if (value >= smallest && value <= largest) return;
  throw ConfigError(std::string(name) + ": expected " + std::to_string(smallest) + " to " +
                    std::to_string(largest) + ", found " + std::to_string(value));
}

void require_size(const Format& format, int width, int height, const std::string& where) {
  if (std::max(width, height) <= format.longest_side) return;
  throw ConfigError(where + ": expected sides of at most " + std::to_string(format.longest_side) +
                    " pixels for " + format.name + ", found " + std::to_string(width) + "x" +
                    std::to_string(height) + "; PNG takes larger pictures");
}

template <class Sample>
std::vector<std::byte> encode(const Format& format,
                              const BasicImage<Sample>& image,
                              const WriteOptions& options,
                              const std::string& where) {
  options.validate();
  if (image.empty()) throw ConfigError(where + ": expected a picture, found an empty one");
  require_size(format, image.width(), image.height(), where);
  const bool lay_on_white = image.has_alpha() && !format.has_alpha;
  const BasicImage<Sample> laid = lay_on_white ? on_white(image) : BasicImage<Sample>();
  const BasicImage<Sample>& flat = lay_on_white ? laid : image;
  std::vector<std::byte> bytes;
  if constexpr (std::is_same_v<Sample, std::uint16_t>) {
    bytes = format.encode16 != nullptr ? format.encode16(flat, options)
                                       : format.encode(to_8_bits(flat), options);
  } else {
    bytes = format.encode(flat, options);
  }
  if (bytes.empty()) {
    throw IoError(where + ": the " + format.name + " encoder failed on a picture of " +
                  std::to_string(image.width()) + "x" + std::to_string(image.height()));
  }
  return with_metadata(
      std::move(bytes), options.metadata, where, image.width(), image.height(), flat.has_alpha());
}

}  // namespace

void WriteOptions::validate() const {
  require_range("jpeg_quality", jpeg_quality, 1, 100);
  require_range("webp_quality", webp_quality, 1, 101);
  require_range("png_compression", png_compression, 0, 9);
}

std::vector<std::byte> encode_image(const std::string& extension,
                                    const Image& image,
                                    const WriteOptions& options) {
  return encode(format_of(extension, "picture format"), image, options, "picture");
}

void write_image(const std::filesystem::path& path,
                 const Image& image,
                 const WriteOptions& options) {
  const Format& format = format_of(path.extension().string(), path.string());
  write_file_atomically(path, encode(format, image, options, path.string()));
}

std::vector<std::byte> encode_image(const std::string& extension,
                                    const Image16& image,
                                    const WriteOptions& options) {
  return encode(format_of(extension, "picture format"), image, options, "picture");
}

void write_image(const std::filesystem::path& path,
                 const Image16& image,
                 const WriteOptions& options) {
  const Format& format = format_of(path.extension().string(), path.string());
  write_file_atomically(path, encode(format, image, options, path.string()));
}

std::unique_ptr<RowSink> create_rows(const std::filesystem::path& path,
                                     int width,
                                     int height,
                                     int channels,
                                     const WriteOptions& options,
                                     int sample_bytes) {
  const Format& format = format_of(path.extension().string(), path.string());
  options.validate();
  require_size(format, width, height, path.string());
  if (format.create == nullptr) return nullptr;
  const bool rounds = sample_bytes == 2 && format.encode16 == nullptr;
  auto sink = format.create(path, width, height, channels, rounds ? 1 : sample_bytes, options);
  return rounds ? rounded_to_8_bits(std::move(sink)) : std::move(sink);
}

bool is_writable_format(const std::filesystem::path& path) {
  return find_format(path.extension().string()) != nullptr;
}

void require_writable_format(const std::filesystem::path& path) {
  format_of(path.extension().string(), path.string());
}

const std::vector<std::string>& picture_extensions() {
  static const std::vector<std::string> extensions = {
      ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm"};
  return extensions;
}

bool is_picture_file(const std::filesystem::path& path) {
  const auto& known = picture_extensions();
  return std::find(known.begin(), known.end(), lower_case(path.extension().string())) !=
         known.end();
}

}  // namespace impasto
