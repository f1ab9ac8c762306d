#include "stylize/picture_maker.h"

#include "impasto/base/error.h"
#include "stylize/painter.h"
#include "stylize/style_grid.h"

namespace impasto::cli {

bool PictureMaker::goes_by_rows(const RowSource&) const { return false; }

bool PictureMaker::make(RowSource&, RowSink&, const engine::Progress&) {
  throw Error("a picture by rows: expected one that fits in memory");
}

std::filesystem::path scratch_folder(const StylizeConfig& config) {
  if (!config.scratch.empty()) return config.scratch;
  const std::filesystem::path output = std::filesystem::absolute(config.output);
  std::error_code absent;
  return std::filesystem::is_directory(output, absent) ? output : output.parent_path();
}

std::unique_ptr<PictureMaker> make_picture_maker(const StylizeConfig& config) {
  if (config.style_grid) return std::make_unique<StyleGrid>(config);
  return std::make_unique<Painter>(config);
}

}  // namespace impasto::cli
