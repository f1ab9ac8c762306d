#include "impasto/infer/stylizer.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {
namespace {

// Where position `i` of a mirrored row lies in a row of `length`: 0 1 2 1 0 1 ... for 3. The end is
// not doubled.
int mirrored(int i, int length) {
  if (length == 1) return 0;
  const int period = 2 * (length - 1);
  const int folded = i % period;
  return std::min(folded, period - folded);
}

// The top left `width` x `height` of the picture and its mirror images.
Image region(const Image& image, int width, int height) {
  Image result(width, height, image.channels());
  const auto channels = static_cast<std::size_t>(image.channels());
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* in = image.row(mirrored(y, image.height()));
    std::uint8_t* out = result.row(y);
    for (int x = 0; x < width; ++x, out += channels) {
      std::memcpy(
          out, in + channels * static_cast<std::size_t>(mirrored(x, image.width())), channels);
    }
  }
  return result;
}

std::string size_of(const Image& image) {
  return std::to_string(image.width()) + "x" + std::to_string(image.height());
}

}  // namespace

Stylizer Stylizer::load(const std::filesystem::path& model, const StylizerOptions& options) {
  return Stylizer(StyleModel::load(model), options);
}

Stylizer::Stylizer(StyleModel model, const StylizerOptions& options)
    : seam_free_(options.seam_free),
      model_(std::move(model)),
      backend_(make_backend(model_, options)) {
  model_.tensors.clear();
}

Stylizer::Stylizer(StyleModel model, std::unique_ptr<const Backend> backend)
    : model_(std::move(model)), backend_(std::move(backend)) {
  if (backend_ == nullptr) throw ConfigError("stylizer: expected a backend, found none");
  model_.tensors.clear();
}

Image Stylizer::operator()(const Image& image,
                           const std::string& style,
                           const engine::Progress& progress) const {
  std::vector<float> weights(model_.styles.size(), 0.0F);
  weights.at(static_cast<std::size_t>(model_.style_index(style))) = 1.0F;
  return (*this)(image, weights, progress);
}

Image Stylizer::operator()(const Image& image,
                           std::span<const float> style_weights,
                           const engine::Progress& progress) const {
  if (image.empty()) throw ConfigError("stylizer: expected a picture, found an empty one");
  if (style_weights.size() != model_.styles.size()) {
    throw ConfigError("style weights: expected one a style, " +
                      std::to_string(model_.styles.size()) + ", found " +
                      std::to_string(style_weights.size()));
  }

  const int shortest = std::min(image.width(), image.height());
  if (seam_free_ &&
      (shortest < Backend::kSmallestSide || image.width() % 4 != 0 || image.height() % 4 != 0)) {
    throw ConfigError("seam_free: expected sides that are multiples of 4 and at least " +
                      std::to_string(Backend::kSmallestSide) + ", found a picture of " +
                      size_of(image) + "; scale it first");
  }

  // Copied only where something has to change.
  const Image opaque = image.has_alpha() ? drop_alpha(image) : Image();
  const Image& rgb = image.has_alpha() ? opaque : image;
  const int width = std::max(image.width(), Backend::kSmallestSide);
  const int height = std::max(image.height(), Backend::kSmallestSide);
  const bool small = width != image.width() || height != image.height();
  Image result = small ? backend_->run(region(rgb, width, height), style_weights, progress)
                       : backend_->run(rgb, style_weights, progress);
  if (result.empty() && progress) return result;
  if (result.width() != width || result.height() != height || result.has_alpha()) {
    throw Error("backend '" + backend_->description() + "': expected an RGB picture of " +
                std::to_string(width) + "x" + std::to_string(height) + ", found " +
                size_of(result));
  }
  if (small) result = region(result, image.width(), image.height());
  return image.has_alpha() ? with_alpha_of(result, image) : result;
}

}  // namespace impasto
