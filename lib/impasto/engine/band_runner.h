#pragma once

// Private: not installed.

#include <cstdint>
#include <functional>
#include <span>

#include "impasto/base/row_stream.h"
#include "impasto/engine/band_plan.h"
#include "impasto/engine/feature_store.h"
#include "impasto/engine/progress.h"
#include "impasto/engine/rows_done.h"
#include "impasto/engine/thread_pool.h"

namespace impasto::engine {

/// Where the features at a quarter of the resolution lie between two passes.
struct FeatureStores {
  FeatureStore values;  ///< Of the layer computed last.
  FeatureStore kept;    ///< For the next residual.
};

/// A picture to run in bands, and with what.
struct BandRun {
  const BandPlan& plan;
  const Network& network;
  const Kernels& kernels;
  std::span<const float> style_weights;
  RowSource& source;
  const RowsDone& done;   ///< Called on the caller's thread.
  FeatureStores* stores;  ///< May be null where the plan stores nothing.
  ThreadPool& pool;
  const Progress& progress;  ///< Called on the caller's thread.
};

/// Runs every pass of the plan; false means that `progress` stopped the run. What source, stores
/// and `done` throw passes through.
bool run_bands(const BandRun& run);

}  // namespace impasto::engine
