#pragma once

// Private: not installed.

#include "impasto/base/train_config.h"

namespace impasto {

/// The config with every path's file name alone: a model is given to others, who need not know the
/// folders of the machine that trained it.
TrainConfig with_bare_names(TrainConfig config);

}  // namespace impasto
