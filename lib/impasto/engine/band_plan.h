#pragma once

// Private: not installed.

#include <cstddef>
#include <vector>

#include "impasto/engine/network.h"
#include "impasto/engine/plan.h"

namespace impasto::engine {

/// Rows [begin, end).
struct RowRange {
  int begin = 0;
  int end = 0;

  int count() const { return end - begin; }
};

/// What lies in memory when one band of a pass has been computed: of each stage the rows that it
/// has written and that are still to be read, and so on. What is not in a pass has no rows.
struct Band {
  std::vector<RowRange> grid;     ///< Of each stage: what it computes in this band.
  std::vector<RowRange> outputs;  ///< Of each stage's output.
  std::vector<RowRange> kept;     ///< Of what its source keeps.
  RowRange picture;               ///< Of the picture that goes in.
  RowRange result;                ///< Of the picture that comes out, new in this band.
};

/// One walk over the picture from top to bottom, to compute one stage: the stages before it, as far
/// as their values are not stored, are computed again on the way, each some rows ahead of its
/// readers.
struct Pass {
  int target = 0;
  std::vector<int> computed;  ///< Stages, in order; the target is the last.
  std::vector<Band> bands;

  // Rows that each window has to hold at most; 0: none.
  std::vector<int> output_rows;
  std::vector<int> kept_rows;
  int picture_rows = 0;
  int result_rows = 0;
};

/// How a network runs on a picture whose features do not fit in memory. Immutable.
///
/// Instance norm needs the mean and the variance of a whole layer before the next layer can begin.
/// So there is a pass for each layer that is measured. The layers at a quarter of the resolution,
/// each of which reads the one before alone, are stored whole, each over the one before; of all
/// others nothing is stored but the moments. Without such norms one pass does everything.
struct BandPlan {
  /// `band` is the height in rows of quarter resolution, at least 1, in which the last stage of a
  /// pass advances; `channels` and `sample_bytes` are those of the picture that goes in.
  BandPlan(const Network& network,
           const Kernels& kernels,
           Size picture,
           int channels,
           int threads,
           int band,
           int sample_bytes = 1);

  Canvas canvas;
  int channels;
  int sample_bytes;
  int threads;
  bool stores_features = false;
  int first_stored = 0;  ///< Stages [first_stored, last_stored] are stored.
  int last_stored = -1;
  std::size_t stored_row = 0;  ///< Bytes of a stored row.
  int stored_rows = 0;         ///< Of one store; there are two: a layer's values, and what is kept
                               ///< for the next residual.
  std::vector<StagePlan> stages;
  std::vector<Pass> passes;

  std::size_t window_size = 0;   ///< Bytes of all windows of the pass that has the most.
  std::size_t moments_size = 0;  ///< Bytes of the tiles' moments, the largest stage's.
  std::size_t scratch_size = 0;  ///< Bytes of one worker.

  std::vector<double> row_costs;  ///< Multiplications for one grid row of a stage: for progress.

  bool stored(int stage) const { return stage >= first_stored && stage <= last_stored; }

  /// Bytes of both stores.
  std::size_t stores_size() const { return 2 * stored_row * stored_rows; }

  /// Bytes of memory without the stores.
  std::size_t working_size() const { return window_size + moments_size + threads * scratch_size; }
};

}  // namespace impasto::engine
