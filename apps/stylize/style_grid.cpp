#include "stylize/style_grid.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/base/resize.h"
#include "impasto/image/alpha.h"
#include "impasto/image/caption.h"
#include "stylize/painter.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;

// Sorted by name.
std::vector<fs::path> model_files(const fs::path& model) {
  std::error_code absent;
  if (!fs::is_directory(model, absent)) return {model};
  std::vector<fs::path> files;
  try {
    for (const auto& entry : fs::directory_iterator(model)) {
      if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    throw IoError(model.string() + ": cannot read the folder: " + error.code().message());
  }
  if (files.empty()) {
    throw IoError(model.string() +
                  ": expected style models, found no file that ends in .safetensors");
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

StyleGrid::StyleGrid(const StylizeConfig& config) : config_(config) {
  const std::vector<fs::path> files = model_files(config.model);
  for (const fs::path& file : files) {
    stylizers_.push_back(Stylizer::load(file, stylizer_options(config)));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::vector<std::string>& styles = stylizers_[i].styles();
    const std::string model = files[i].stem().string();
    for (std::size_t style = 0; style < styles.size(); ++style) {
      const std::string name = files.size() == 1    ? styles[style]
                               : styles.size() == 1 ? model
                                                    : model + ": " + styles[style];
      cells_.push_back({&stylizers_[i], style, name});
    }
  }
  try {
    captioned(Image(1, 1), "");
    has_captions_ = true;
  } catch (const IoError& error) {
    log_warning(std::string(error.what()) + ": the sheet is without names");
  }
}

std::optional<Picture> StyleGrid::make(const LoadedPhoto& photo, const engine::Progress& progress) {
  constexpr int kCellSide = 512;
  const Image shown = config_.max_side > 0 ? shallow(photo.picture)
                                           : limit_long_side(shallow(photo.picture), kCellSide);
  std::vector<Image> pictures;
  const auto add = [&](Image picture, const std::string& name) {
    picture = on_white(std::move(picture));
    pictures.push_back(has_captions_ ? captioned(picture, name) : std::move(picture));
  };
  add(shown, "photo");
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    StyledArea area{.stylizer = cell.stylizer};
    area.style_weights.resize(cell.stylizer->styles().size());
    area.style_weights[cell.style] = 1;
    const auto total = static_cast<double>(cells_.size()), before = static_cast<double>(i);
    Image picture = restyle(shown,
                            std::span(&area, 1),
                            {.strength = config_.strength,
                             .preserve_color = config_.preserve_color,
                             .stroke_size = config_.stroke_size},
                            [&](double done) { return progress((before + done) / total); });
    if (picture.empty()) return std::nullopt;
    add(std::move(picture), cell.name);
  }
  // Nearly as many rows as columns.
  const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pictures.size()))));
  return Picture{contact_sheet(pictures, columns), {}};
}

std::string StyleGrid::description() const {
  std::string text = stylizers_.front().description() + "; photo";
  for (const Cell& cell : cells_) text += ", " + cell.name;
  return text;
}

}  // namespace impasto::cli
