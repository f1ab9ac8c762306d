#pragma once

// Private: not installed.

#include "impasto/engine/run_context.h"

namespace impasto::engine {

/// Fills the padded input rows of one tile: reads what the sources hold, normalises, activates,
/// adds the residual, resamples, pads and converts, one row at a time.
class RowLoader {
 public:
  /// Rows begin at padded column `tile.x0 * stride` and hold `columns` pixels.
  RowLoader(
      const RunContext& context, int stage, const Tile& tile, int columns, std::byte* scratch);

  /// Padded row `row`: 0 is the first row of padding. Rows past the padding repeat something
  /// finite.
  void load(int row, std::byte* target);

 private:
  /// Columns [x_begin, x_end) of a row before padding. `keep`: the row is the tile's own.
  void load_columns(int y, int x_begin, int x_end, bool keep, std::byte* target);
  void load_wrapped(int y, bool keep, std::byte* target);
  void load_picture(int row, std::byte* target) const;
  void load_small(int y, int x_begin, int x_end, std::byte* target) const;
  void load_resampled(int y, int x_begin, int x_end, std::byte* target);
  /// A row before it is resampled. The last two of neighbouring rows are held; `x_begin` and
  /// `x_end` are those of the tile.
  const std::byte* small_row(int y, int x_begin, int x_end);
  void load_source(
      const Source& source, int y, int x_begin, int x_end, bool keep, std::byte* target) const;

  const RunContext& context_;
  const Stage& stage_;
  const StagePlan& plan_;
  const int number_;
  const Tile& tile_;
  const int columns_;
  std::byte* const scratch_;
  const int pad_after_;
  const Size virtual_;       ///< The input after resampling, before padding.
  const std::size_t pixel_;  ///< Bytes of a pixel in the compute type.
  int held_[2] = {-1, -1};
};

}  // namespace impasto::engine
