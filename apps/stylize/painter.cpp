#include "stylize/painter.h"

#include <cstdio>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/resize.h"
#include "impasto/image/image_io.h"
#include "impasto/infer/style_mix.h"

namespace impasto::cli {
namespace {

std::string size_text(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
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
          .seam_free = config.seam_free,
          .memory = config.memory_bytes(),
          .scratch_folder = scratch_folder(config)};
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
  if (config_.temporal) reduce_flicker(areas_.back());
}

void Painter::reduce_flicker(StyledArea& area) {
  TemporalFilter& filter = filters_.emplace_back(
      TemporalOptions{.input = config_.temporal_input, .output = config_.temporal_output});
  area.before = [this, &filter](const Image& frame) {
    return motion_ != nullptr ? filter.before(frame, *motion_) : frame;
  };
  area.after = [this, &filter](const Image& styled) {
    return motion_ != nullptr ? filter.after(styled) : styled;
  };
}

std::optional<Picture> Painter::make(const LoadedPhoto& photo, const engine::Progress& progress) {
  fit_masks(photo);
  motion_ = photo.motion ? &*photo.motion : nullptr;
  return std::visit(
      [&](const auto& image) -> std::optional<Picture> {
        auto result = restyle(image, areas_, controls(), progress);
        if (result.empty()) return std::nullopt;
        return Picture{std::move(result), {}};
      },
      photo.picture.pixels);
}

bool Painter::goes_by_rows(const RowSource& photo) const {
  const bool needs_whole = areas_.size() != 1 || config_.temporal || !masks_.empty() ||
                           config_.stroke_size != 1 || config_.max_side > 0 || config_.compare ||
                           config_.keep_metadata;
  return !needs_whole && !areas_[0].stylizer->fits(
                             photo.width(), photo.height(), photo.channels(), photo.sample_bytes());
}

bool Painter::make(RowSource& photo, RowSink& result, const engine::Progress& progress) {
  return restyle(photo, result, areas_[0], controls(), progress);
}

StyleControls Painter::controls() const {
  return {.strength = config_.strength,
          .preserve_color = config_.preserve_color,
          .stroke_size = config_.stroke_size};
}

void Painter::fit_masks(const LoadedPhoto& photo) {
  const Size size = size_of(photo.picture);
  const std::size_t first = areas_.size() - masks_.size();
  for (std::size_t i = 0; i < masks_.size(); ++i) {
    const auto& [file, picture] = masks_[i];
    const Size found{picture.width(), picture.height()};
    if (found != photo.stored) {
      throw ConfigError(file.string() + ": expected a mask of the picture's size, " +
                        size_text(photo.stored) + ", found " + size_text(found));
    }
    Mask& mask = areas_[first + i].mask;
    if (Size{mask.width(), mask.height()} == size) continue;  // Of the photo before.
    mask = Mask(resize(picture, size.width, size.height)).feathered(config_.feather);
  }
}

std::string Painter::description() const {
  std::string text = stylizers_.begin()->second.description();
  if (config_.strength < 1) text += "; strength " + number_text(config_.strength) + " of pixels";
  return text;
}

}  // namespace impasto::cli
