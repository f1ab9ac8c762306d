#include "stylize/painter.h"

#include <cstdio>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/image/image_io.h"
#include "impasto/image/resize.h"
#include "impasto/infer/style_mix.h"

namespace impasto::cli {
namespace {

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

StylizerOptions stylizer_options(const StylizeConfig& config) {
  return {.device = config.device,
          .precision = config.precision,
          .threads = config.threads,
          .backend = config.backend,
          .seam_free = config.seam_free};
}

Painter::Painter(const StylizeConfig& config) : config_(config) {
  // Without a mask of its own, the model takes what the masks of others leave.
  bool model_is_masked = false;
  for (const auto& [model, mask] : config.masks) model_is_masked |= model.empty();
  if (!model_is_masked && !config.model.empty()) add_area(config.model);
  for (const auto& [model, mask] : config.masks) {
    masks_.push_back({mask, read_image(mask, {.keep_alpha = true})});
    add_area(model.empty() ? config.model : model);
  }
}

void Painter::add_area(const std::filesystem::path& file) {
  auto found = stylizers_.find(file);
  if (found == stylizers_.end()) {
    StyleModel model = StyleModel::load(file);
    parse_style_mix(config_.style,
                    model.styles);  // A wrong name is told before weights are packed.
    found = stylizers_.emplace(file, Stylizer(std::move(model), stylizer_options(config_))).first;
  }
  const Stylizer& stylizer = found->second;
  areas_.push_back(
      {.stylizer = &stylizer, .style_weights = parse_style_mix(config_.style, stylizer.styles())});
}

Image Painter::make(const LoadedPhoto& photo, const engine::Progress& progress) {
  fit_masks(photo);
  return restyle(photo.image,
                 areas_,
                 {.strength = config_.strength,
                  .preserve_color = config_.preserve_color,
                  .stroke_size = config_.stroke_size},
                 progress);
}

void Painter::fit_masks(const LoadedPhoto& photo) {
  const int width = photo.image.width(), height = photo.image.height();
  const std::size_t first = areas_.size() - masks_.size();
  for (std::size_t i = 0; i < masks_.size(); ++i) {
    const auto& [file, picture] = masks_[i];
    if (picture.width() != photo.width || picture.height() != photo.height) {
      throw ConfigError(file.string() + ": expected a mask of the picture's size, " +
                        size_text(photo.width, photo.height) + ", found " +
                        size_text(picture.width(), picture.height()));
    }
    Mask& mask = areas_[first + i].mask;
    if (mask.width() == width && mask.height() == height) continue;  // Of the photo before.
    mask = Mask(resize(picture, width, height)).feathered(config_.feather);
  }
}

std::string Painter::description() const {
  std::string text = stylizers_.begin()->second.description();
  if (config_.strength < 1) text += "; strength " + number_text(config_.strength) + " of pixels";
  return text;
}

}  // namespace impasto::cli
