#include "stylize/style_grid.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "impasto/base/error.h"
#include "impasto/base/resize.h"
#include "impasto/image/alpha.h"
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
  for (const fs::path& file : model_files(config.model)) {
    stylizers_.push_back(Stylizer::load(file, stylizer_options(config)));
  }
}

std::optional<Picture> StyleGrid::make(const LoadedPhoto& photo, const engine::Progress& progress) {
  constexpr int kCellSide = 512;
  const Image cell = config_.max_side > 0 ? shallow(photo.picture)
                                          : limit_long_side(shallow(photo.picture), kCellSide);
  std::vector<Image> cells = {on_white(cell)};
  double total = 0;
  for (const Stylizer& stylizer : stylizers_)
    total += static_cast<double>(stylizer.styles().size());
  for (const Stylizer& stylizer : stylizers_) {
    for (std::size_t style = 0; style < stylizer.styles().size(); ++style) {
      StyledArea area{.stylizer = &stylizer};
      area.style_weights.resize(stylizer.styles().size());
      area.style_weights[style] = 1;
      const double before = static_cast<double>(cells.size()) - 1;
      Image image = restyle(cell,
                            std::span(&area, 1),
                            {.strength = config_.strength,
                             .preserve_color = config_.preserve_color,
                             .stroke_size = config_.stroke_size},
                            [&](double done) { return progress((before + done) / total); });
      if (image.empty()) return std::nullopt;
      cells.push_back(on_white(std::move(image)));
    }
  }
  // Nearly as many rows as columns.
  const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(cells.size()))));
  return Picture{contact_sheet(cells, columns), {}};
}

std::string StyleGrid::description() const {
  std::string text = stylizers_.front().description() + "; photo";
  for (const Stylizer& stylizer : stylizers_) {
    for (const std::string& style : stylizer.styles()) text += ", " + style;
  }
  return text;
}

}  // namespace impasto::cli
