#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/image/alpha.h"
#include "impasto/image/image_io.h"

namespace impasto {
namespace {

struct Format {
  const char* name;
  const char* extension;  // As OpenCV knows it.
  bool has_alpha;
  int longest_side;
  int quality_parameter;  // OpenCV's; 0 for none.
};

// OpenCV's WebP encoder reads the first parameter alone, so each format is given only its own. The
// limits of PNG and JPEG are those of libpng and libjpeg.
constexpr Format kPng{"PNG", ".png", true, 1'000'000, cv::IMWRITE_PNG_COMPRESSION};
constexpr Format kJpeg{"JPEG", ".jpg", false, 65'500, cv::IMWRITE_JPEG_QUALITY};
constexpr Format kWebp{"WebP", ".webp", true, 16'383, cv::IMWRITE_WEBP_QUALITY};
constexpr Format kBmp{"BMP", ".bmp", false, 1'000'000, 0};

// OpenCV's list of pairs.
std::vector<int> encoder_parameters(const Format& format, const WriteOptions& options) {
  switch (format.quality_parameter) {
    case cv::IMWRITE_PNG_COMPRESSION:
      return {format.quality_parameter, options.png_compression};
    case cv::IMWRITE_JPEG_QUALITY:
      return {format.quality_parameter, options.jpeg_quality};
    case cv::IMWRITE_WEBP_QUALITY:
      return {format.quality_parameter, options.webp_quality};
    default:
      return {};
  }
}

// Null for an extension that is not written.
const Format* find_format(const std::string& extension) {
  const std::string lower = lower_case(extension);
  if (lower == ".png") return &kPng;
  if (lower == ".jpg" || lower == ".jpeg") return &kJpeg;
  if (lower == ".webp") return &kWebp;
  if (lower == ".bmp") return &kBmp;
  return nullptr;
}

const Format& format_of(const std::string& extension, const std::string& where) {
  const Format* format = find_format(extension);
  if (format != nullptr) return *format;
  const std::string found = extension.empty() ? "no extension" : "'" + extension + "'";
  throw ConfigError(
      where + ": expected a name that ends in .png, .jpg, .jpeg, .webp or .bmp, found " + found);
}

void require_range(const char* name, int value, int smallest, int largest) {
  if (value >= smallest && value <= largest) return;
  throw ConfigError(std::string(name) + ": expected " + std::to_string(smallest) + " to " +
                    std::to_string(largest) + ", found " + std::to_string(value));
}

std::vector<std::byte> encode(const Format& format,
                              const Image& image,
                              const WriteOptions& options,
                              const std::string& where) {
  options.validate();
  if (image.empty()) throw ConfigError(where + ": expected a picture, found an empty one");
  if (std::max(image.width(), image.height()) > format.longest_side) {
    throw ConfigError(where + ": expected sides of at most " + std::to_string(format.longest_side) +
                      " pixels for " + format.name + ", found " + std::to_string(image.width()) +
                      "x" + std::to_string(image.height()) + "; PNG takes larger pictures");
  }
  const bool lay_on_white = image.has_alpha() && !format.has_alpha;
  const Image laid = lay_on_white ? on_white(image) : Image();
  const Image& flat = lay_on_white ? laid : image;
  const cv::Mat pixels(flat.height(),
                       flat.width(),
                       CV_8UC(flat.channels()),
                       const_cast<std::uint8_t*>(flat.pixels().data()));
  cv::Mat bgr;
  cv::cvtColor(pixels, bgr, flat.has_alpha() ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  bool encoded = false;
  try {
    encoded = cv::imencode(format.extension, bgr, bytes, encoder_parameters(format, options));
  } catch (const cv::Exception&) {
    encoded = false;
  }
  if (!encoded) {
    throw IoError(where + ": the " + format.name + " encoder failed on a picture of " +
                  std::to_string(image.width()) + "x" + std::to_string(image.height()));
  }
  const auto view = std::as_bytes(std::span(bytes));
  return {view.begin(), view.end()};
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

void require_writable_format(const std::filesystem::path& path) {
  format_of(path.extension().string(), path.string());
}

const std::vector<std::string>& picture_extensions() {
  static const std::vector<std::string> extensions = {
      ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"};
  return extensions;
}

bool is_picture_file(const std::filesystem::path& path) {
  const auto& known = picture_extensions();
  return std::find(known.begin(), known.end(), lower_case(path.extension().string())) !=
         known.end();
}

}  // namespace impasto
