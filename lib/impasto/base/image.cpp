#include "impasto/base/image.h"

#include <algorithm>
#include <string>

#include "impasto/base/error.h"

namespace impasto {

namespace {

template <class Sample>
std::string size_string(const BasicImage<Sample>& image) {
  return std::to_string(image.width()) + "x" + std::to_string(image.height());
}

/// The same picture with other samples.
template <class To, class From, class Convert>
BasicImage<To> converted(const BasicImage<From>& image, const Convert& convert) {
  if (image.empty()) return {};
  BasicImage<To> result(image.width(), image.height(), image.channels());
  std::ranges::transform(image.pixels(), result.pixels().begin(), convert);
  return result;
}

}  // namespace

template <class Sample>
BasicImage<Sample>::BasicImage(int width, int height, int channels)
    : width_(width), height_(height), channels_(channels) {
  if (width < 1 || height < 1) {
    throw ConfigError("image: expected a positive width and height, found " +
                      std::to_string(width) + "x" + std::to_string(height));
  }
  if (channels != 3 && channels != 4) {
    throw ConfigError("image: expected 3 or 4 channels, found " + std::to_string(channels));
  }
  pixels_.resize(stride() * static_cast<std::size_t>(height));
}

template class BasicImage<std::uint8_t>;
template class BasicImage<std::uint16_t>;

Image16 to_16_bits(const Image& image) {
  return converted<std::uint16_t>(
      image, [](std::uint8_t value) { return static_cast<std::uint16_t>(value * 257); });
}

Image to_8_bits(const Image16& image) {
  return converted<std::uint8_t>(
      image, [](std::uint16_t value) { return static_cast<std::uint8_t>((value + 128) / 257); });
}

template <class Sample>
BasicImage<Sample> drop_alpha(const BasicImage<Sample>& image) {
  if (!image.has_alpha()) return image;
  BasicImage<Sample> rgb(image.width(), image.height());
  const auto from = image.pixels();
  const auto to = rgb.pixels();
  for (std::size_t i = 0, j = 0; j < to.size(); i += 4, j += 3) {
    std::copy_n(&from[i], 3, &to[j]);
  }
  return rgb;
}

template Image drop_alpha(const Image&);
template Image16 drop_alpha(const Image16&);

template <class Sample>
BasicImage<Sample> with_alpha_of(const BasicImage<Sample>& rgb,
                                 const BasicImage<Sample>& alpha_source) {
  if (rgb.width() != alpha_source.width() || rgb.height() != alpha_source.height()) {
    throw ConfigError("with_alpha_of: expected two pictures of one size, found " +
                      size_string(rgb) + " and " + size_string(alpha_source));
  }
  if (!alpha_source.has_alpha()) {
    throw ConfigError("with_alpha_of: expected an alpha channel to copy, found 3 channels");
  }
  if (rgb.empty()) return rgb;
  BasicImage<Sample> rgba(rgb.width(), rgb.height(), 4);
  const auto colour = rgb.pixels();
  const auto alpha = alpha_source.pixels();
  const auto to = rgba.pixels();
  const auto step = static_cast<std::size_t>(rgb.channels());
  for (std::size_t i = 0, j = 0; j < to.size(); i += step, j += 4) {
    std::copy_n(&colour[i], 3, &to[j]);
    to[j + 3] = alpha[j + 3];
  }
  return rgba;
}

template Image with_alpha_of(const Image&, const Image&);
template Image16 with_alpha_of(const Image16&, const Image16&);

Image side_by_side(std::span<const Image> images, int gap) {
  if (images.empty()) throw ConfigError("side_by_side: expected at least one picture, found none");
  if (gap < 0) {
    throw ConfigError("side_by_side: expected a gap of at least 0, found " + std::to_string(gap));
  }
  int width = gap * (static_cast<int>(images.size()) - 1);
  int height = 0;
  for (const Image& image : images) {
    width += image.width();
    height = std::max(height, image.height());
  }
  Image row(width, height);
  std::ranges::fill(row.pixels(), std::uint8_t{255});
  int left = 0;
  for (const Image& picture : images) {
    const Image image = drop_alpha(picture);
    const int top = (height - image.height()) / 2;
    for (int y = 0; y < image.height(); ++y) {
      std::copy_n(image.row(y), image.stride(), row.row(top + y) + 3 * left);
    }
    left += image.width() + gap;
  }
  return row;
}

Image contact_sheet(std::span<const Image> images, int columns, int gap) {
  if (images.empty()) throw ConfigError("contact_sheet: expected at least one picture, found none");
  if (columns < 1 || gap < 0) {
    throw ConfigError("contact_sheet: expected a column and a gap of at least 0, found " +
                      std::to_string(columns) + " columns and " + std::to_string(gap));
  }
  int width = 0, height = 0;
  for (const Image& image : images) {
    width = std::max(width, image.width());
    height = std::max(height, image.height());
  }
  const int count = static_cast<int>(images.size());
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;
  Image sheet(columns * (width + gap) - gap, rows * (height + gap) - gap);
  std::ranges::fill(sheet.pixels(), std::uint8_t{255});
  for (int i = 0; i < count; ++i) {
    const Image image = drop_alpha(images[static_cast<std::size_t>(i)]);
    const int left = i % columns * (width + gap) + (width - image.width()) / 2;
    const int top = i / columns * (height + gap) + (height - image.height()) / 2;
    for (int y = 0; y < image.height(); ++y) {
      std::copy_n(image.row(y), image.stride(), sheet.row(top + y) + 3 * left);
    }
  }
  return sheet;
}

}  // namespace impasto
