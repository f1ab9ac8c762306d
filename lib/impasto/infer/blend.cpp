#include "impasto/infer/blend.h"

#include <algorithm>
#include <string>

#include "impasto/base/error.h"
#include "impasto/infer/luma.h"

namespace impasto {
namespace {

std::string form_of(const auto& image) {
  return std::to_string(image.width()) + "x" + std::to_string(image.height());
}

template <class Sample>
void require_same_form(const BasicImage<Sample>& a, const BasicImage<Sample>& b) {
  if (a.width() == b.width() && a.height() == b.height() && a.channels() == b.channels()) return;
  throw ConfigError("blend: expected pictures of one size and number of channels, found " +
                    form_of(a) + " with " + std::to_string(a.channels()) + " and " + form_of(b) +
                    " with " + std::to_string(b.channels()));
}

template <class Sample>
Sample rounded(float value) {
  constexpr float kWhite = BasicImage<Sample>::kWhite;
  return static_cast<Sample>(std::clamp(value, 0.0F, kWhite) + 0.5F);
}

/// The largest part of the colours' distances from grey for which every channel is in range.
template <class Sample>
float room_for(const Sample* pixel, float from, float to) {
  constexpr float kWhite = BasicImage<Sample>::kWhite;
  float room = 1.0F;
  for (int c = 0; c < 3; ++c) {
    const float distance = static_cast<float>(pixel[c]) - from;
    if (to + distance > kWhite) room = std::min(room, (kWhite - to) / distance);
    if (to + distance < 0) room = std::min(room, -to / distance);
  }
  return room;
}

}  // namespace

template <class Sample>
BasicImage<Sample> blend(const BasicImage<Sample>& below,
                         const BasicImage<Sample>& above,
                         double share) {
  if (!(share >= 0 && share <= 1)) {
    throw ConfigError("blend: expected a share from 0 to 1, found " + std::to_string(share));
  }
  require_same_form(below, above);
  BasicImage<Sample> result = below;
  const auto part = static_cast<float>(share);
  const auto top = above.pixels();
  const auto pixels = result.pixels();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const float from = pixels[i], to = top[i];
    pixels[i] = rounded<Sample>(from + part * (to - from));
  }
  return result;
}

template <class Sample>
BasicImage<Sample> compose(const BasicImage<Sample>& below,
                           std::span<const MaskedImage<Sample>> areas) {
  for (const auto& [image, mask] : areas) {
    require_same_form(below, image);
    if (mask.width() == below.width() && mask.height() == below.height()) continue;
    throw ConfigError("mask: expected the picture's size, " + form_of(below) + ", found " +
                      form_of(mask));
  }
  BasicImage<Sample> result = below;
  const int channels = below.channels();
  for (int y = 0; y < below.height(); ++y) {
    Sample* out = result.row(y);
    for (int x = 0; x < below.width(); ++x, out += channels) {
      float total = 0, sum[4] = {};
      for (const auto& [image, mask] : areas) {
        const float share = static_cast<float>(mask.row(y)[x]) / 255.0F;
        const Sample* in = image.row(y) + static_cast<std::ptrdiff_t>(x) * channels;
        total += share;
        for (int c = 0; c < channels; ++c) sum[c] += share * static_cast<float>(in[c]);
      }
      const float crowded = std::max(total, 1.0F);
      for (int c = 0; c < channels; ++c) {
        const float rest = (1.0F - total / crowded) * static_cast<float>(out[c]);
        out[c] = rounded<Sample>(sum[c] / crowded + rest);
      }
    }
  }
  return result;
}

template <class Sample>
BasicImage<Sample> keep_color(const BasicImage<Sample>& photo, const BasicImage<Sample>& result) {
  require_same_form(photo, result);
  if (photo.has_alpha()) throw ConfigError("keep_color: expected RGB, found RGB with alpha");
  BasicImage<Sample> coloured = photo;
  const Sample* bright = result.pixels().data();
  const auto pixels = coloured.pixels();
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    Sample* const pixel = &pixels[i];
    const float from = luma(pixel), to = luma(bright + i);
    const float room = room_for(pixel, from, to);
    for (int c = 0; c < 3; ++c) {
      pixel[c] = rounded<Sample>(to + room * (static_cast<float>(pixel[c]) - from));
    }
  }
  return coloured;
}

template Image blend(const Image&, const Image&, double);
template Image16 blend(const Image16&, const Image16&, double);
template Image compose(const Image&, std::span<const MaskedImage<std::uint8_t>>);
template Image16 compose(const Image16&, std::span<const MaskedImage<std::uint16_t>>);
template Image keep_color(const Image&, const Image&);
template Image16 keep_color(const Image16&, const Image16&);

}  // namespace impasto
