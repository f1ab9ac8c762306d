#include "impasto/train/augmentation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "impasto/train/random_streams.h"

namespace impasto {
namespace {

struct Crop {
  int x, y, side;
  bool flip;
};

int between(CounterRandom& random, int first, int last) {
  return first + static_cast<int>(random.below(static_cast<std::uint64_t>(last - first) + 1));
}

Crop draw_crop(const Image& photo, const DataConfig& data, std::uint64_t sample) {
  auto random = random_stream(data.seed, RandomUse::kAugmentation, sample);
  const int short_side = std::min(photo.width(), photo.height());
  const int smallest =
      std::max(data.image_size, static_cast<int>(std::ceil(data.min_scale * short_side)));
  Crop crop;
  crop.side = between(random, std::min(smallest, short_side), short_side);
  crop.x = between(random, 0, photo.width() - crop.side);
  crop.y = between(random, 0, photo.height() - crop.side);
  crop.flip = data.flip && random.below(2) == 1;
  return crop;
}

// The pixels of `crop` as a view [1,3,side,side]: channels last in memory, without a copy.
at::Tensor view_of(const Image& photo, const Crop& crop) {
  const auto channels = photo.channels();
  auto* first = const_cast<std::uint8_t*>(photo.row(crop.y)) + crop.x * channels;  // only read
  const auto stride = static_cast<std::int64_t>(photo.stride());
  return at::from_blob(first,
                       {1, 3, crop.side, crop.side},
                       {stride * crop.side, 1, stride, channels},
                       at::TensorOptions().dtype(at::kByte));
}

}  // namespace

at::Tensor augment(const Image& photo, const DataConfig& data, std::uint64_t sample) {
  const Crop crop = draw_crop(photo, data, sample);
  // A copy of its own: the view ends with the photo, and uint8 channels-last is the fast path of
  // the antialiased filter.
  auto pixels = view_of(photo, crop).clone(at::MemoryFormat::ChannelsLast);
  if (crop.side != data.image_size) {
    pixels = at::_upsample_bilinear2d_aa(
        pixels, {data.image_size, data.image_size}, /*align_corners=*/false);
  }
  if (crop.flip) pixels = pixels.flip(3);
  return pixels.squeeze(0);
}

}  // namespace impasto
