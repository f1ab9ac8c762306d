#include "impasto/image/alpha.h"

namespace impasto {

Image on_white(Image image) {
  if (!image.has_alpha()) return image;
  Image rgb(image.width(), image.height());
  const std::uint8_t* in = image.row(0);
  const auto out = rgb.pixels();
  for (std::size_t i = 0; i < out.size(); i += 3, in += 4) {
    const int alpha = in[3];
    for (std::size_t c = 0; c < 3; ++c) {
      out[i + c] = static_cast<std::uint8_t>((in[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
  return rgb;
}

}  // namespace impasto
