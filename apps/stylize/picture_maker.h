#pragma once

#include <memory>
#include <optional>
#include <string>

#include "impasto/base/stylize_config.h"
#include "impasto/engine/progress.h"
#include "stylize/loaded_photo.h"

namespace impasto::cli {

/// Makes the picture that a config asks for of a photo.
class PictureMaker {
 public:
  virtual ~PictureMaker() = default;

  /// The picture's pixels, of the photo's depth where that makes sense. None where `progress`
  /// stopped it. Throws what the library throws.
  virtual std::optional<Picture> make(const LoadedPhoto& photo,
                                      const engine::Progress& progress) = 0;

  /// Whether the picture does not fit in memory, and what is asked for goes by rows.
  virtual bool goes_by_rows(const RowSource& photo) const;

  /// The same for a picture that goes by rows; false where `progress` stopped it.
  virtual bool make(RowSource& photo, RowSink& result, const engine::Progress& progress);

  /// What runs where, and how, for a log.
  virtual std::string description() const = 0;
};

/// Where what does not fit in memory is put: the config's folder, or that of the output.
std::filesystem::path scratch_folder(const StylizeConfig& config);

/// Loads the models and masks that `config` names: everything that can be found wrong without a
/// photo is.
std::unique_ptr<PictureMaker> make_picture_maker(const StylizeConfig& config);

}  // namespace impasto::cli
