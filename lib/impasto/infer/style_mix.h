#pragma once

#include <span>
#include <string>
#include <vector>

namespace impasto {

/// The weights that `text` gives to a model's styles, one a style. `text` is empty for the first
/// style, a style's name, or a mix such as "wave=0.7,iris=0.3", whose shares are divided by their
/// sum; a name may hold commas and equal signs.
///
/// Source of mixing: Dumoulin, Shlens, Kudlur 2017, "A Learned Representation for Artistic Style",
/// section 3.2: the weighted mean of the styles' scales and shifts.
///
/// Throws ConfigError that starts with `style: ` for a name that is not there, a share that is
/// negative or no number, a style that comes twice, and shares that are all 0.
std::vector<float> parse_style_mix(const std::string& text, std::span<const std::string> styles);

}  // namespace impasto
