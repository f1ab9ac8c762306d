#pragma once

// Private: not installed.

#include <cstddef>
#include <vector>

#include "impasto/engine/buffer.h"
#include "impasto/engine/kernels.h"

namespace impasto::engine {

/// A convolution's weights as [out][in][rows][columns], with what the forms below need to be made
/// from it.
struct Filter {
  Filter(int out_count, int in_count, int row_count, int column_count)
      : out(out_count),
        in(in_count),
        rows(row_count),
        columns(column_count),
        values(static_cast<std::size_t>(out) * in * rows * columns) {}

  float& at(int o, int i, int y, int x) {
    return values[((static_cast<std::size_t>(o) * in + i) * rows + y) * columns + x];
  }
  float at(int o, int i, int y, int x) const { return const_cast<Filter*>(this)->at(o, i, y, x); }

  int out, in, rows, columns;
  std::vector<float> values;
};

/// Every stride-2 sum that a nearest x2 enlargement and then `filter` (3x3, reflect padding) come
/// to for output pixels of parity (y, x): a 2x2 filter on the small picture, padded by repeating
/// its edge.
Filter nearest_phase(const Filter& filter, int y, int x);

/// The taps of a transposed 3x3 convolution (stride 2, padding 1, output padding 1) that meet
/// output pixels of parity (y, x): 1 or 2 a side. `filter` is [out][in], with the taps as PyTorch
/// stores them.
Filter transposed_phase(const Filter& filter, int y, int x);

/// Channels c * 4 + y * 2 + x: those that pixel shuffle puts at parity (y, x).
Filter shuffle_phase(const Filter& filter, int y, int x);

/// A 9x9 convolution to 3 channels as a 1x9 one to 27: channel ky * 3 + c is row ky's share.
Filter rows_as_channels(const Filter& filter);

/// `in_channels[k]` is the filter's input channel at position k of a pixel, or -1 for one that is
/// always zero.
Buffer pack_direct(const Filter& filter,
                   const std::vector<int>& in_channels,
                   int out_channels,
                   const Kernels& kernels);

/// The 36 matrices of F(4x4, 3x3) for a 3x3 filter.
Buffer pack_winograd(const Filter& filter,
                     const std::vector<int>& in_channels,
                     int out_channels,
                     const Kernels& kernels);

}  // namespace impasto::engine
