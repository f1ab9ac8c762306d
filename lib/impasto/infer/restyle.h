#pragma once

#include <functional>
#include <span>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/engine/progress.h"
#include "impasto/infer/mask.h"
#include "impasto/infer/stylizer.h"

namespace impasto {

/// A style, and the part of a picture that takes it.
struct StyledArea {
  const Stylizer* stylizer = nullptr;     ///< Has to live as long; required.
  std::vector<float> style_weights = {};  ///< One a style of the model; see parse_style_mix.
  /// Of the picture's size. The default covers all of it, and lies under areas with a mask.
  Mask mask = {};
  /// What becomes of the picture before the network, where given: see TemporalFilter. For 8 bits a
  /// channel.
  std::function<Image(const Image&)> before = {};
  /// What becomes of what the network makes of it, likewise.
  std::function<Image(const Image&)> after = {};
};

/// What happens besides the network.
struct StyleControls {
  /// 0 is the photo and 1 the whole style; between them the pixels of both are mixed. Statistics of
  /// features are not: without an identity among its styles, a feed-forward network has no setting
  /// that gives the photo back.
  double strength = 1;
  bool preserve_color = false;  ///< The style's brightness in the photo's colours: see keep_color.
  /// How many times as large the brush strokes become: the photo is stylized at 1/stroke_size of
  /// its size, and its detail brought back as guided_enlarge says.
  double stroke_size = 1;

  /// Throws ConfigError unless `strength` is from 0 to 1 and `stroke_size` from 1 to 64.
  void validate() const;
};

/// The photo with a style in each of the areas, all else as it was: same size, alpha kept.
/// `progress` is told how much is done, on this thread; where it returns false, the result is an
/// empty picture. `Sample` is std::uint8_t or std::uint16_t. Throws ConfigError for an empty
/// picture, an area without a Stylizer, a mask of another size than the picture, `before` or
/// `after` with 16 bits a channel, and as Stylizer.
template <class Sample>
BasicImage<Sample> restyle(const BasicImage<Sample>& photo,
                           std::span<const StyledArea> areas,
                           const StyleControls& controls = {},
                           const engine::Progress& progress = {});

/// The same from top to bottom with one style over the whole picture, for pictures that need not
/// fit in memory: see Stylizer, whose streams these are. Returns false where `progress` stopped it.
/// Throws ConfigError for an area with a mask, `before` or `after`, and for a stroke size other
/// than 1, which need whole pictures.
bool restyle(RowSource& photo,
             RowSink& result,
             const StyledArea& area,
             const StyleControls& controls = {},
             const engine::Progress& progress = {});

}  // namespace impasto
