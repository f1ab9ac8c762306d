#pragma once

#include <cstdint>
#include <vector>

#include "impasto/nn/activity.h"

// What a run notes down beside its steps.

namespace impasto {

/// Mean losses over the held-out photos at `step`; terms as in StepReport.
struct ValidationReport {
  std::int64_t step = 0;  ///< After which they were measured.
  double content = 0;     ///< Weighted, as the others.
  double style = 0;       ///< Against each photo's painting.
  double tv = 0;          ///< Total variation.
  double loss = 0;        ///< Their sum.
};

/// Activity of the generator's layers at `step`, from its input to its output.
struct ActivityReport {
  std::int64_t step = 0;              ///< After which it was measured.
  std::vector<LayerActivity> layers;  ///< In order of computation.
};

}  // namespace impasto
