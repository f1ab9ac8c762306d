#include "stylize/picture_maker.h"

#include "stylize/painter.h"
#include "stylize/style_grid.h"

namespace impasto::cli {

std::unique_ptr<PictureMaker> make_picture_maker(const StylizeConfig& config) {
  if (config.style_grid) return std::make_unique<StyleGrid>(config);
  return std::make_unique<Painter>(config);
}

}  // namespace impasto::cli
