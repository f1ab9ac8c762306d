#pragma once

#include <cstdint>
#include <vector>

#include "impasto/nn/activity.h"

// What a run notes down beside its steps.

namespace impasto {

/// Mean losses over the held-out photos at `step`; terms as in StepReport.
struct ValidationReport {
  std::int64_t step = 0;
  double content = 0;
  double style = 0;
  double tv = 0;
  double loss = 0;  ///< Their sum.
};

/// Activity of the generator's layers at `step`, from its input to its output.
struct ActivityReport {
  std::int64_t step = 0;
  std::vector<LayerActivity> layers;
};

}  // namespace impasto
