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

  /// What runs where, and how, for a log.
  virtual std::string description() const = 0;
};

/// Loads the models and masks that `config` names: everything that can be found wrong without a
/// photo is.
std::unique_ptr<PictureMaker> make_picture_maker(const StylizeConfig& config);

}  // namespace impasto::cli
