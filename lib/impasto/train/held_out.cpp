#include "impasto/train/held_out.h"

#include "impasto/base/error.h"

namespace impasto {

HeldOut hold_out(const ImageSource& photos, int every) {
  std::vector<std::size_t> training;
  std::vector<std::size_t> evaluation;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const bool kept = every > 0 && i % static_cast<std::size_t>(every) == 0;
    (kept ? evaluation : training).push_back(i);
  }
  if (training.empty() && photos.size() > 0) {
    throw ConfigError("data.hold_out: expected to leave photos to train on, found every one of " +
                      std::to_string(photos.size()) + " held out; raise it");
  }
  return {Subset(photos, std::move(training)), Subset(photos, std::move(evaluation))};
}

}  // namespace impasto
