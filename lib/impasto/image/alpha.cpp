#include "impasto/image/alpha.h"

namespace impasto {

template <class Sample>
BasicImage<Sample> on_white(BasicImage<Sample> image) {
  if (!image.has_alpha()) return image;
  constexpr std::uint32_t kWhite = BasicImage<Sample>::kWhite;
  BasicImage<Sample> rgb(image.width(), image.height());
  const Sample* in = image.row(0);
  const auto out = rgb.pixels();
  for (std::size_t i = 0; i < out.size(); i += 3, in += 4) {
    const std::uint32_t alpha = in[3];
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t sum = in[c] * alpha + kWhite * (kWhite - alpha) + kWhite / 2;
      out[i + c] = static_cast<Sample>(sum / kWhite);
    }
  }
  return rgb;
}

template Image on_white(Image);
template Image16 on_white(Image16);

}  // namespace impasto
