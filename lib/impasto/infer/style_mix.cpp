#include "impasto/infer/style_mix.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include "impasto/base/error.h"
#include "impasto/base/text.h"

namespace impasto {
namespace {

using Styles = std::span<const std::string>;

std::optional<std::size_t> find_style(const std::string& name, Styles styles) {
  const auto found = std::ranges::find(styles, name);
  if (found == styles.end()) return std::nullopt;
  return static_cast<std::size_t>(found - styles.begin());
}

[[noreturn]] void fail_unknown(const std::string& name, Styles styles) {
  throw ConfigError("style: expected one of " + join(styles) +
                    ", or a mix such as 'a=0.7,b=0.3', " + "found '" + name + "'" +
                    did_you_mean(name, styles));
}

float parse_share(const std::string& text, const std::string& name) {
  float share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(share) || share < 0) {
    throw ConfigError("style: expected a share of at least 0 for '" + name + "', found '" + text +
                      "'");
  }
  return share;
}

// "name=share" from the front of `text`, which it is cut off from. A comma may belong to the name:
// of the pieces that begin `text` and end before a comma, the first whose name is a style.
void take_entry(std::string& text, Styles styles, std::vector<float>& weights) {
  for (std::size_t comma = text.find(',');; comma = text.find(',', comma + 1)) {
    const std::string entry = text.substr(0, comma);
    const std::size_t equals = entry.rfind('=');
    const std::string name = entry.substr(0, equals);
    const auto style = find_style(name, styles);
    if (style && equals != std::string::npos) {
      if (weights[*style] >= 0) throw ConfigError("style: '" + name + "' comes twice in the mix");
      weights[*style] = parse_share(entry.substr(equals + 1), name);
      text = comma == std::string::npos ? "" : text.substr(comma + 1);
      return;
    }
    if (comma == std::string::npos) {
      const std::string first = text.substr(0, text.find(','));
      fail_unknown(first.substr(0, first.rfind('=')), styles);
    }
  }
}

}  // namespace

std::vector<float> parse_style_mix(const std::string& text, Styles styles) {
  std::vector<float> weights(styles.size(), -1.0F);  // Negative: not named.
  if (const auto style = text.empty() ? std::size_t{0} : find_style(text, styles)) {
    weights.at(*style) = 1.0F;
  } else if (text.find('=') == std::string::npos) {
    fail_unknown(text, styles);
  } else {
    for (std::string rest = text; !rest.empty();) take_entry(rest, styles, weights);
  }
  for (float& weight : weights) weight = std::max(weight, 0.0F);
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
  if (!(sum > 0)) throw ConfigError("style: expected a share above 0, found '" + text + "'");
  for (float& weight : weights) weight /= sum;
  return weights;
}

}  // namespace impasto
