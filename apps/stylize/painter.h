#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "impasto/infer/restyle.h"
#include "impasto/video/temporal_filter.h"
#include "stylize/picture_maker.h"

namespace impasto::cli {

/// The options of a config that a Stylizer takes.
StylizerOptions stylizer_options(const StylizeConfig& config);

/// The photo in the styles, masks and with the controls of a config.
class Painter : public PictureMaker {
 public:
  explicit Painter(const StylizeConfig& config);

  std::optional<Picture> make(const LoadedPhoto& photo, const engine::Progress& progress) override;
  bool goes_by_rows(const RowSource& photo) const override;
  bool make(RowSource& photo, RowSink& result, const engine::Progress& progress) override;
  std::string description() const override;

 private:
  struct MaskFile {
    std::filesystem::path file;
    Image picture;
  };

  StyleControls controls() const;
  void add_area(const std::filesystem::path& file);
  void reduce_flicker(StyledArea& area);
  void fit_masks(const LoadedPhoto& photo);

  const StylizeConfig& config_;
  std::map<std::filesystem::path, Stylizer> stylizers_;
  std::vector<StyledArea> areas_;
  std::vector<MaskFile> masks_;        // Of the last areas, which have one.
  std::list<TemporalFilter> filters_;  // One an area, where flicker is to be reduced.
  const Motion* motion_ = nullptr;     // Of the frame that is being made; null for pictures.
};

}  // namespace impasto::cli
