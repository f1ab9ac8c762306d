#pragma once

// Private: not installed.

#include <cstddef>
#include <string>
#include <vector>

#include "impasto/engine/network.h"

namespace impasto::engine {

struct Size {
  int width = 0;
  int height = 0;

  bool operator==(const Size&) const = default;
};

/// `i` where it is in [0, size), or as far behind the first or the last as it lies before.
constexpr int mirrored(int i, int size) {
  if (i < 0) return -i;
  return i < size ? i : 2 * size - 2 - i;
}

/// What a network runs on: the picture, mirrored by `margin` on every side, and at the right and at
/// the bottom further up to multiples of 4. The network's own padding lies around it.
struct Canvas {
  Canvas(Size picture_size, int picture_margin);

  Size picture;
  int margin;
  Size size;

  /// The picture's column or row that lies in this one of the canvas.
  int picture_column(int x) const;
  int picture_row(int y) const;

  /// Columns or rows of the canvas, [begin, end), that come out as the picture.
  int columns_end() const { return margin + picture.width; }
  int rows_end() const { return margin + picture.height; }
};

/// Bytes of a worker's own memory, from the start of its scratch.
struct Scratch {
  std::size_t ring = 0;       ///< Padded input rows, compute type.
  std::size_t ring_row = 0;   ///< From one row to the next.
  std::size_t small[2] = {};  ///< Rows before resampling.
  std::size_t blended = 0;    ///< A row after the vertical half of bilinear resampling.
  std::size_t filtered = 0;   ///< A row after the depthwise filter.
  std::size_t filtered_size = 0;
  std::size_t block = 0;   ///< [kPixelBlock][out_channels] float32, or Winograd's products.
  std::size_t points = 0;  ///< Winograd's transformed input.
  std::size_t row = 0;     ///< [tile width][3] float32 of the picture that comes out.
  std::size_t pivot = 0;   ///< [out_channels] float32
  std::size_t sum = 0;     ///< [out_channels] float64
  std::size_t square = 0;  ///< [out_channels] float64
  std::size_t size = 0;
};

/// Grid pixels of one tile: [x0,x1) x [y0,y1).
struct Tile {
  int number;
  int x0, x1;
  int y0, y1;

  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
};

/// Where and in what pieces a stage runs. Sizes count pixels; the grid is the output, with the step
/// x step group of pixels that a phased stage writes at once counted as one.
struct StagePlan {
  Size input;  ///< Of what the sources hold, before resampling.
  Size grid;
  Size output;
  Size tile;  ///< In grid pixels: what one worker does at a time.
  int tiles_across = 0;
  int tiles_down = 0;
  /// Where the output lies over the input: for each row of tiles, how many rows of tiles must be
  /// done before it may start. Empty: none.
  std::vector<int> needed_rows;
  std::size_t output_offset = 0;  ///< In the arena; the output stage has none.
  std::size_t kept_offset = 0;    ///< What its source keeps.
  std::size_t affine_offset =
      0;  ///< [2][out_channels] float32: scale and shift of the norm that follows.
  std::size_t moments_offset =
      0;  ///< [tiles][2][out_channels] float64: mean and squared deviation.
  Scratch scratch;

  int tiles() const { return tiles_across * tiles_down; }

  /// Tiles of the grid rows [begin, end), and one of them: from left to right, then down.
  int tiles_in(int begin, int end) const;
  Tile tile_at(int number, int begin, int end) const;
  Tile tile_at(int number) const { return tile_at(number, 0, grid.height); }

  /// Bytes of a row that the stage writes, and of one that its source keeps.
  std::size_t output_row(const Stage& stage, const Kernels& kernels) const;
  std::size_t kept_row(const Stage& stage, const Kernels& kernels) const;
};

/// The pieces of a stage that reads pictures of size `input`, `band` grid rows at a time; at most
/// the whole grid. Overlapping: the output may lie over the input. Offsets are left at 0.
StagePlan plan_stage(const Stage& stage,
                     Size input,
                     int band,
                     const Kernels& kernels,
                     int threads,
                     bool overlapping);

/// How a network runs on pictures of one size: pieces, and one arena in which buffers whose lives
/// do not overlap share memory. Immutable.
struct Plan {
  Plan(const Network& network, const Kernels& kernels, Size picture, int threads);

  Canvas canvas;
  int threads;
  std::vector<StagePlan> stages;
  std::size_t scratch_size = 0;  ///< Of one worker.
  std::size_t arena_size = 0;    ///< Everything: buffers, then the workers' scratch.
  std::size_t scratch_offset = 0;
  std::size_t front_offset = 0;  ///< A cache line a worker, for the executor.

  /// One line a stage: name, path, sizes, tiles; then the memory.
  std::string description(const Network& network, const Kernels& kernels) const;
};

}  // namespace impasto::engine
