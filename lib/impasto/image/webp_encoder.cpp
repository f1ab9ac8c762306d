#include <webp/encode.h>

#include <memory>

#include "impasto/image/encoders.h"

namespace impasto {

std::vector<std::byte> encode_webp(const Image& image, const WriteOptions& options) {
  constexpr int kLossless = 101;
  const bool lossless = options.webp_quality == kLossless;
  const auto quality = static_cast<float>(options.webp_quality);
  const std::uint8_t* pixels = image.pixels().data();
  const int width = image.width(), height = image.height();
  const auto stride = static_cast<int>(image.stride());
  std::uint8_t* output = nullptr;
  std::size_t size = 0;
  if (image.has_alpha()) {
    size = lossless ? WebPEncodeLosslessRGBA(pixels, width, height, stride, &output)
                    : WebPEncodeRGBA(pixels, width, height, stride, quality, &output);
  } else {
    size = lossless ? WebPEncodeLosslessRGB(pixels, width, height, stride, &output)
                    : WebPEncodeRGB(pixels, width, height, stride, quality, &output);
  }
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> owner(output, WebPFree);
  const auto* begin = reinterpret_cast<const std::byte*>(output);
  return {begin, begin + size};
}

}  // namespace impasto
