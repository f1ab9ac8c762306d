#include "impasto/train/pictures.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

#include "impasto/nn/tensors.h"

namespace impasto {

at::Tensor scaled(const at::Tensor& picture, std::int64_t height, std::int64_t width) {
  if (picture.size(2) == height && picture.size(3) == width) return picture;
  return at::_upsample_bilinear2d_aa(picture, {height, width}, /*align_corners=*/false);
}

at::Tensor with_short_side(const Image& image, std::int64_t side) {
  const double factor =
      static_cast<double>(side) / static_cast<double>(std::min(image.width(), image.height()));
  return scaled(to_tensor(image),
                std::max<std::int64_t>(side, std::llround(factor * image.height())),
                std::max<std::int64_t>(side, std::llround(factor * image.width())));
}

at::Tensor centre_square(const Image& image, std::int64_t side) {
  const std::int64_t square = std::min(image.width(), image.height());
  const at::Tensor crop = to_tensor(image)
                              .narrow(2, (image.height() - square) / 2, square)
                              .narrow(3, (image.width() - square) / 2, square);
  return scaled(crop, side, side).contiguous();
}

at::Tensor noise_picture(std::int64_t height, std::int64_t width, std::int64_t seed) {
  auto random = at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed));
  return at::rand({1, 3, height, width}, random, at::kFloat) * 255;
}

}  // namespace impasto
