#include "impasto/infer/restyle.h"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/resize.h"
#include "impasto/infer/blend.h"
#include "impasto/infer/guided_enlarge.h"

namespace impasto {
namespace {

void require_range(const char* name, double value, double smallest, double largest) {
  if (value >= smallest && value <= largest) return;
  throw ConfigError(std::string(name) + ": expected a number from " +
                    std::to_string(static_cast<int>(smallest)) + " to " +
                    std::to_string(static_cast<int>(largest)) + ", found " + std::to_string(value));
}

void require_fitting(const Mask& mask, int width, int height) {
  if (mask.covers_all() || (mask.width() == width && mask.height() == height)) return;
  throw ConfigError("mask: expected the picture's size, " + std::to_string(width) + "x" +
                    std::to_string(height) + ", found " + std::to_string(mask.width()) + "x" +
                    std::to_string(mask.height()));
}

template <class Sample>
BasicImage<Sample> changed(const std::function<Image(const Image&)>& change,
                           BasicImage<Sample> image) {
  if (!change || image.empty()) return image;
  if constexpr (std::same_as<Sample, std::uint8_t>) {
    return change(image);
  } else {
    throw ConfigError("restyle: expected 8 bits a channel for what changes pictures, found 16");
  }
}

/// The photo in one style, without regard to a mask. Empty where `progress` stopped it.
template <class Sample>
BasicImage<Sample> in_style(const BasicImage<Sample>& photo,
                            const StyledArea& area,
                            double stroke_size,
                            const engine::Progress& progress) {
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(side / stroke_size)));
  };
  const int width = scaled(photo.width()), height = scaled(photo.height());
  if (width == photo.width() && height == photo.height()) {
    return (*area.stylizer)(photo, area.style_weights, progress);
  }
  const BasicImage<Sample> small =
      (*area.stylizer)(resize(photo, width, height), area.style_weights, progress);
  return small.empty() ? small : guided_enlarge(small, photo);
}

}  // namespace

void StyleControls::validate() const {
  require_range("strength", strength, 0, 1);
  require_range("stroke_size", stroke_size, 1, 64);
}

template <class Sample>
BasicImage<Sample> restyle(const BasicImage<Sample>& photo,
                           std::span<const StyledArea> areas,
                           const StyleControls& controls,
                           const engine::Progress& progress) {
  controls.validate();
  if (photo.empty()) throw ConfigError("restyle: expected a picture, found an empty one");
  for (const StyledArea& area : areas) {
    if (area.stylizer == nullptr) throw ConfigError("restyle: expected a stylizer, found none");
    require_fitting(area.mask, photo.width(), photo.height());
  }
  if (areas.empty() || controls.strength == 0) return photo;

  const BasicImage<Sample> rgb = drop_alpha(photo);
  BasicImage<Sample> result = rgb;
  std::vector<MaskedImage<Sample>> layers;
  double done_areas = 0;
  for (const StyledArea& area : areas) {
    engine::Progress part;
    if (progress) {
      part = [&](double done) {
        return progress((done_areas + done) / static_cast<double>(areas.size()));
      };
    }
    BasicImage<Sample> image =
        area.before ? in_style(changed(area.before, rgb), area, controls.stroke_size, part)
                    : in_style(rgb, area, controls.stroke_size, part);
    image = changed(area.after, std::move(image));
    if (image.empty()) return image;
    if (area.mask.covers_all()) {
      result = std::move(image);
    } else {
      layers.push_back({std::move(image), area.mask});
    }
    ++done_areas;
  }
  if (!layers.empty()) result = compose<Sample>(result, layers);
  if (controls.preserve_color) result = keep_color(rgb, result);
  if (controls.strength < 1) result = blend(rgb, result, controls.strength);
  return photo.has_alpha() ? with_alpha_of(result, photo) : result;
}

template Image restyle(const Image&,
                       std::span<const StyledArea>,
                       const StyleControls&,
                       const engine::Progress&);
template Image16 restyle(const Image16&,
                         std::span<const StyledArea>,
                         const StyleControls&,
                         const engine::Progress&);

namespace {

/// What finishes rows of a result with their photo's, and writes them.
template <class Sample>
engine::RowsDone write_rows(const RowSource& photo,
                            RowSink& result,
                            const StyleControls& controls) {
  return [&](std::span<const std::uint8_t> rgb, std::span<const std::uint8_t> rows) {
    const auto picture = [width = photo.width()](std::span<const std::uint8_t> from, int channels) {
      const std::size_t stride = sizeof(Sample) * static_cast<std::size_t>(width) * channels;
      BasicImage<Sample> image(width, static_cast<int>(from.size() / stride), channels);
      std::memcpy(image.pixels().data(), from.data(), from.size());
      return image;
    };
    const BasicImage<Sample> before = picture(rows, photo.channels());
    const BasicImage<Sample> before_rgb = drop_alpha(before);
    BasicImage<Sample> after = picture(rgb, 3);
    if (controls.preserve_color) after = keep_color(before_rgb, after);
    if (controls.strength < 1) after = blend(before_rgb, after, controls.strength);
    if (before.has_alpha()) after = with_alpha_of(after, before);
    const auto pixels = std::as_const(after).pixels();
    result.write({reinterpret_cast<const std::uint8_t*>(pixels.data()), pixels.size_bytes()});
  };
}

}  // namespace

bool restyle(RowSource& photo,
             RowSink& result,
             const StyledArea& area,
             const StyleControls& controls,
             const engine::Progress& progress) {
  controls.validate();
  if (area.stylizer == nullptr) throw ConfigError("restyle: expected a stylizer, found none");
  if (!area.mask.covers_all() || area.before || area.after || controls.stroke_size != 1) {
    throw ConfigError(
        "restyle: expected no mask, nothing before or after the network, and strokes of size 1 for "
        "a picture by rows, as both need it "
        "whole");
  }
  if (result.width() != photo.width() || result.height() != photo.height() ||
      result.channels() != photo.channels() || result.sample_bytes() != photo.sample_bytes()) {
    throw ConfigError(
        "restyle: expected a result like the photo, found another size, depth or number of "
        "channels");
  }
  if (controls.strength == 0) {
    photo.rewind();
    std::vector<std::uint8_t> row(photo.stride());
    for (int y = 0; y < photo.height(); ++y) {
      photo.read(row);
      result.write(row);
    }
  } else {
    const engine::RowsDone done = photo.sample_bytes() == 1
                                      ? write_rows<std::uint8_t>(photo, result, controls)
                                      : write_rows<std::uint16_t>(photo, result, controls);
    const bool finished =
        (*area.stylizer)(photo, done, area.style_weights, progress, result.memory_bytes());
    if (!finished) return false;
  }
  result.finish();
  return true;
}

}  // namespace impasto
