#pragma once

// Private: not installed.

#include "impasto/base/train_config.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// The model that a run with `config` starts from, made of the trained `model`: with the names of
/// the run's styles or, where init.add_styles says so, with rows and names for them added to its
/// own. A new row is the mean of the old ones, which is a style of the network already. Throws
/// ConfigError for a model of another shape than the config's, and for a style that it has already.
StyleModel initial_model(const StyleModel& model, const TrainConfig& config);

}  // namespace impasto
