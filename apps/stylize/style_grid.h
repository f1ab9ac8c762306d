#pragma once

#include <optional>
#include <string>
#include <vector>

#include "impasto/infer/restyle.h"
#include "stylize/picture_maker.h"

namespace impasto::cli {

/// A sheet with the photo, then each style of the model, or of all models of a folder, row by row,
/// each with its name below.
class StyleGrid : public PictureMaker {
 public:
  explicit StyleGrid(const StylizeConfig& config);

  std::optional<Picture> make(const LoadedPhoto& photo, const engine::Progress& progress) override;

  /// Also which style stands where.
  std::string description() const override;

 private:
  struct Cell {
    const Stylizer* stylizer;
    std::size_t style;
    std::string name;  ///< Of the style; of the model too where there are several.
  };

  const StylizeConfig& config_;
  std::vector<Stylizer> stylizers_;
  std::vector<Cell> cells_;
  bool has_captions_ = false;
};

}  // namespace impasto::cli
