#include <algorithm>
#include <cstdlib>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/opencv_module.h"

// BMP files and captions, in a library of its own: see opencv_module.h. OpenCV reports trouble on
// stderr before it returns an empty picture, so what can be told from the headers is checked first.

namespace impasto {
namespace {

std::uint64_t little_endian(std::span<const std::byte> bytes, std::size_t offset, int count) {
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;) {
    value = value << 8 | std::to_integer<unsigned>(bytes[offset + static_cast<std::size_t>(i)]);
  }
  return value;
}

cv::Mat decode(std::span<const std::byte> bytes,
               const std::string& format,
               const std::string& name) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw FormatError(name + ": the file is too large for a " + format + " picture");
  }
  cv::Mat mat;
  try {
    const cv::Mat buffer(
        1, static_cast<int>(bytes.size()), CV_8U, const_cast<std::byte*>(bytes.data()));
    mat = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception&) {
    mat.release();
  }
  if (mat.empty()) throw FormatError(name + ": damaged or unsupported " + format + " file");
  return mat;
}

// From OpenCV's order of channels, with 16 bits scaled to 8.
Image to_image(cv::Mat mat, const std::string& name) {
  if (mat.depth() == CV_16U) {
    constexpr double kScale = 1.0 / 257;  // 65535 becomes 255.
    mat.convertTo(mat, CV_8U, kScale);
  }
  if (mat.depth() != CV_8U) {
    throw FormatError(name + ": expected 8 or 16 bits a channel, found another kind of numbers");
  }
  Image image(mat.cols, mat.rows, mat.channels() == 4 ? 4 : 3);
  cv::Mat pixels(mat.rows, mat.cols, CV_8UC(image.channels()), image.pixels().data());
  switch (mat.channels()) {
    case 1:
      cv::cvtColor(mat, pixels, cv::COLOR_GRAY2RGB);
      break;
    case 3:
      cv::cvtColor(mat, pixels, cv::COLOR_BGR2RGB);
      break;
    case 4:
      cv::cvtColor(mat, pixels, cv::COLOR_BGRA2RGBA);
      break;
    default:
      throw FormatError(name + ": expected 1, 3 or 4 channels, found " +
                        std::to_string(mat.channels()));
  }
  return image;
}

DecodedImage bmp(std::span<const std::byte> bytes, const std::string& name) {
  constexpr std::size_t kHeaders = 54;
  constexpr std::uint64_t kInfoHeader = 40;
  const auto cut_short = [&] { throw FormatError(name + ": the BMP file is cut short"); };
  if (bytes.size() < kHeaders) cut_short();
  if (little_endian(bytes, 14, 4) >= kInfoHeader) {
    const std::int64_t width = static_cast<std::int32_t>(little_endian(bytes, 18, 4));
    const std::int64_t height =
        std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(little_endian(bytes, 22, 4))));
    require_sane_size(width, height, name);
    const std::uint64_t bits = little_endian(bytes, 28, 2);
    const std::uint64_t compression = little_endian(bytes, 30, 4);
    const std::uint64_t stride = (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
    const bool plain = compression == 0 || compression == 3;  // Else run lengths.
    const std::uint64_t start = little_endian(bytes, 10, 4);
    if (plain && bytes.size() < start + stride * static_cast<std::uint64_t>(height)) cut_short();
  }
  return {.pixels = to_image(decode(bytes, "BMP", name), name)};
}

std::string in_ascii(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // Of a character that has begun.
    result += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return result;
}

Image caption(const Image& image, const std::string& text) {
  constexpr int kLeastWidth = 96, kFont = cv::FONT_HERSHEY_SIMPLEX, kUsualWidth = 512;
  const int width = std::max(image.width(), kLeastWidth);
  const int size = std::max(1, width / kUsualWidth);  // Of letters, in units of half the font's.
  const double scale = 0.5 * size;
  const auto width_of = [&](const std::string& line) {
    int below = 0;
    return cv::getTextSize(line, kFont, scale, size, &below).width;
  };
  const int margin = 4 * size;
  std::string line = in_ascii(text);
  if (width_of(line) > width - 2 * margin) {
    while (!line.empty() && width_of(line + "...") > width - 2 * margin) line.pop_back();
    line += "...";
  }
  Image result(width, image.height() + 22 * size);
  std::ranges::fill(result.pixels(), std::uint8_t{255});
  const Image rgb = drop_alpha(image);
  const std::ptrdiff_t left = (width - image.width()) / 2;
  for (int y = 0; y < rgb.height(); ++y) {
    std::copy_n(rgb.row(y), rgb.stride(), result.row(y) + 3 * left);
  }
  cv::Mat pixels(result.height(), width, CV_8UC3, result.pixels().data());
  cv::putText(pixels,
              line,
              {(width - width_of(line)) / 2, image.height() + 16 * size},
              kFont,
              scale,
              cv::Scalar(0, 0, 0),
              size,
              cv::LINE_AA);
  return result;
}

/// Runs when libimpasto_opencv is loaded.
[[maybe_unused]] const bool kRegistered = [] {
  register_opencv({.bmp = bmp, .caption = caption});
  return true;
}();

}  // namespace
}  // namespace impasto
