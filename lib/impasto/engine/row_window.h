#pragma once

// Private: not installed.

#include <cstring>

#include "impasto/engine/band_plan.h"
#include "impasto/engine/run_context.h"

namespace impasto::engine {

/// The rows of a picture or a layer that are in memory just now; it moves downwards.
class RowWindow {
 public:
  RowWindow() = default;
  RowWindow(std::byte* data, std::size_t stride) : rows_{data, stride, 0} {}

  /// Keeps what it has of `range`, and has room for the rest; returns the rows that are to be
  /// filled.
  RowRange move_to(RowRange range) {
    const int kept = end_ > range.begin ? end_ - range.begin : 0;
    if (kept > 0 && range.begin > rows_.first) {
      std::memmove(rows_.data, rows_[range.begin], rows_.stride * kept);
    }
    const RowRange missing = {range.begin + kept, range.end};
    rows_.first = range.begin;
    end_ = range.end;
    return missing;
  }

  const Rows& rows() const { return rows_; }

 private:
  Rows rows_;
  int end_ = 0;
};

}  // namespace impasto::engine
