#include "impasto/engine/tile_runner.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "impasto/engine/row_loader.h"

namespace impasto::engine {

namespace {

constexpr int kLargestWindow = 9;

/// The sums that a tile collects for the norm that follows.
class TileMoments {
 public:
  TileMoments(const RunContext& context, int stage, std::byte* scratch)
      : stage_(context.network.stages[stage]) {
    if (!context.measures(stage)) return;
    const Scratch& layout = context.stages[stage].scratch;
    pivot_ = reinterpret_cast<float*>(scratch + layout.pivot);
    sum_ = reinterpret_cast<double*>(scratch + layout.sum);
    square_ = reinterpret_cast<double*>(scratch + layout.square);
    std::fill_n(sum_, stage_.out_channels, 0.0);
    std::fill_n(square_, stage_.out_channels, 0.0);
  }

  /// Whether there is something to count for.
  bool counting() const { return pivot_ != nullptr; }

  float* pivot() const { return pivot_; }

  /// For the channels from `first` on.
  Moments from(int first) const { return {pivot_ + first, sum_ + first, square_ + first}; }

  void write(const RunContext& context, int stage, const Tile& tile) const {
    if (!counting()) return;
    const double count =
        static_cast<double>(tile.width()) * tile.height() * stage_.step * stage_.step;
    double* mean = context.moments(stage, tile.number);
    double* deviation = mean + stage_.out_channels;
    for (int c = 0; c < stage_.out_channels; ++c) {
      mean[c] = pivot_[c] + sum_[c] / count;
      deviation[c] = square_[c] - sum_[c] * sum_[c] / count;
    }
  }

 private:
  const Stage& stage_;
  float* pivot_ = nullptr;
  double* sum_ = nullptr;
  double* square_ = nullptr;
};

/// One tile of one stage, and what its paths share.
class TileRunner {
 public:
  TileRunner(const RunContext& context, int stage, const Tile& tile, std::byte* scratch)
      : context_(context),
        kernels_(context.kernels),
        stage_(context.network.stages[stage]),
        plan_(context.stages[stage]),
        layout_(plan_.scratch),
        tile_(tile),
        scratch_(scratch),
        loader_(
            context, stage, tile, (tile.width() - 1) * stage_.stride + window_columns(), scratch),
        moments_(context, stage, scratch),
        output_(context.memory[stage].output) {}

  const TileMoments& moments() const { return moments_; }

  void run_direct();
  void run_winograd();
  void run_output();

 private:
  int window_columns() const {
    if (stage_.path != Path::kWinograd) return stage_.window;
    return kWinogradIn - kWinogradOut + 1 + round_up(tile_.width(), kWinogradOut) - tile_.width();
  }

  template <typename T>
  T* scratch(std::size_t offset) const {
    return reinterpret_cast<T*>(scratch_ + offset);
  }

  /// Where a phase writes for grid pixel (x, y).
  std::byte* output_pixel(const Phase& phase, int y, int x) const {
    const std::size_t column = static_cast<std::size_t>(x) * stage_.step + phase.x;
    return output_[y * stage_.step + phase.y] +
           column * stage_.out_channels * kernels_.storage_size;
  }

  std::byte* ring_row(int row, int rows) const {
    return scratch_ + layout_.ring + row % rows * layout_.ring_row;
  }

  /// Products read past the last pixel's window; what lies there meets zero weights, but must be
  /// finite.
  void clear_slack(int rows) {
    if (stage_.phases[0].columns * stage_.in_channels % kernels_.depth_block == 0) return;
    std::memset(scratch_ + layout_.ring, 0, rows * layout_.ring_row);
    if (stage_.separable()) std::memset(scratch_ + layout_.filtered, 0, layout_.filtered_size);
  }

  void multiply_row(const Phase& phase, const void* const* rows, int pixel_stride, int y);
  void store_block(const Phase& phase, const float* block, int y, int x, int pixels);
  void multiply_points(const Phase& phase, int tiles);
  void sum_rows(int y);
  void write_picture_row(const float* row, int y) const;

  const RunContext& context_;
  const Kernels& kernels_;
  const Stage& stage_;
  const StagePlan& plan_;
  const Scratch& layout_;
  const Tile& tile_;
  std::byte* const scratch_;
  RowLoader loader_;
  const TileMoments moments_;
  const Rows output_;
  bool pivot_set_ = false;
};

void TileRunner::run_direct() {
  const int window = stage_.window;
  clear_slack(window);
  int loaded = tile_.y0 * stage_.stride;
  for (int y = tile_.y0; y < tile_.y1; ++y) {
    const int first = y * stage_.stride;
    for (loaded = std::max(loaded, first); loaded < first + window; ++loaded) {
      loader_.load(loaded, ring_row(loaded, window));
    }
    const void* rows[kLargestWindow];
    for (int r = 0; r < window; ++r) rows[r] = ring_row(first + r, window);
    for (const Phase& phase : stage_.phases) {
      if (phase.depthwise.empty()) {
        const void* phase_rows[kLargestWindow];
        const std::size_t column =
            static_cast<std::size_t>(phase.column) * stage_.in_channels * kernels_.compute_size;
        for (int r = 0; r < phase.rows; ++r) {
          phase_rows[r] = static_cast<const std::byte*>(rows[phase.row + r]) + column;
        }
        multiply_row(phase, phase_rows, stage_.stride * stage_.in_channels, y);
      } else {
        std::byte* const filtered = scratch_ + layout_.filtered;
        kernels_.depthwise({rows,
                            static_cast<std::ptrdiff_t>(stage_.stride) * stage_.in_channels,
                            phase.depthwise.data(),
                            nullptr,
                            filtered,
                            tile_.width(),
                            stage_.in_channels});
        const void* filtered_rows[] = {filtered};
        multiply_row(phase, filtered_rows, stage_.in_channels, y);
      }
    }
  }
}

void TileRunner::multiply_row(const Phase& phase,
                              const void* const* rows,
                              int pixel_stride,
                              int y) {
  float* const block = scratch<float>(layout_.block);
  for (int x = 0; x < tile_.width(); x += kPixelBlock) {
    const int pixels = std::min(kPixelBlock, tile_.width() - x);
    const void* block_rows[kLargestWindow];
    const std::size_t offset = static_cast<std::size_t>(x) * pixel_stride * kernels_.compute_size;
    for (int r = 0; r < phase.rows; ++r) {
      block_rows[r] = static_cast<const std::byte*>(rows[r]) + offset;
    }
    kernels_.multiply({block_rows,
                       phase.rows,
                       pixel_stride,
                       phase.columns * stage_.in_channels,
                       phase.weights.data(),
                       pixels,
                       stage_.out_channels,
                       block,
                       stage_.out_channels});
    store_block(phase, block, y, tile_.x0 + x, pixels);
  }
}

void TileRunner::store_block(const Phase& phase, const float* block, int y, int x, int pixels) {
  const int channels = stage_.out_channels;
  if (moments_.counting() && !pivot_set_) {
    std::memcpy(moments_.pivot(), block, channels * sizeof(float));
    pivot_set_ = true;
  }
  const Moments moments = moments_.from(0);
  kernels_.store({block,
                  channels,
                  phase.bias.empty() ? nullptr : phase.bias.data(),
                  moments_.counting() ? &moments : nullptr,
                  output_pixel(phase, y, x),
                  static_cast<std::ptrdiff_t>(stage_.step) * channels,
                  pixels,
                  channels});
}

void TileRunner::run_winograd() {
  const int across = (tile_.width() + kWinogradOut - 1) / kWinogradOut;
  const int down = (tile_.height() + kWinogradOut - 1) / kWinogradOut;
  const int tiles = across * down;
  const int channels = stage_.in_channels;
  float* const points = scratch<float>(layout_.points);
  int loaded = tile_.y0;
  for (int j = 0; j < down; ++j) {
    const int first = tile_.y0 + j * kWinogradOut;
    const float* rows[kWinogradIn];
    for (; loaded < first + kWinogradIn; ++loaded)
      loader_.load(loaded, ring_row(loaded, kWinogradIn));
    for (int r = 0; r < kWinogradIn; ++r) {
      rows[r] = reinterpret_cast<const float*>(ring_row(first + r, kWinogradIn));
    }
    kernels_.winograd_input({rows,
                             across,
                             channels,
                             points + static_cast<std::ptrdiff_t>(j) * across * channels,
                             static_cast<std::ptrdiff_t>(tiles) * channels});
  }
  for (const Phase& phase : stage_.phases) multiply_points(phase, tiles);
}

void TileRunner::multiply_points(const Phase& phase, int tiles) {
  const int across = (tile_.width() + kWinogradOut - 1) / kWinogradOut;
  const float* const points = scratch<float>(layout_.points);
  float* const products = scratch<float>(layout_.block);
  const int depth = stage_.in_channels;
  const int panel = std::max(kernels_.panel, kChannelBlock);
  for (int channel = 0; channel < stage_.out_channels; channel += panel) {
    const int channels = std::min(panel, stage_.out_channels - channel);
    const std::size_t weights = kernels_.packed_size(1, depth, channel);
    for (int p = 0; p < kWinogradPoints; ++p) {
      const void* rows[] = {points + static_cast<std::ptrdiff_t>(p) * tiles * depth};
      kernels_.multiply({rows,
                         1,
                         depth,
                         depth,
                         phase.weights.data() + p * phase.point_size + weights,
                         tiles,
                         channels,
                         products + static_cast<std::ptrdiff_t>(p) * tiles * channels,
                         channels});
    }
    const Moments moments = moments_.from(channel);
    for (int j = 0; j * across < tiles; ++j) {
      const int y = tile_.y0 + j * kWinogradOut;
      const std::ptrdiff_t pixel_stride =
          static_cast<std::ptrdiff_t>(stage_.step) * stage_.out_channels;
      WinogradOutputArgs args;
      args.products = products + static_cast<std::ptrdiff_t>(j) * across * channels;
      args.point_stride = static_cast<std::ptrdiff_t>(tiles) * channels;
      args.tiles = across;
      args.channels = channels;
      args.rows = std::min(kWinogradOut, tile_.y1 - y);
      args.columns = tile_.width();
      args.bias = phase.bias.empty() ? nullptr : phase.bias.data() + channel;
      args.moments = moments_.counting() ? &moments : nullptr;
      args.set_pivot = moments_.counting() && !pivot_set_ && j == 0;
      args.pivot = moments_.counting() ? moments_.pivot() + channel : nullptr;
      args.target = output_pixel(phase, y, tile_.x0) + channel * kernels_.storage_size;
      args.row_stride = pixel_stride * plan_.output.width;
      args.pixel_stride = pixel_stride;
      kernels_.winograd_output(args);
    }
  }
  pivot_set_ = true;
}

void TileRunner::run_output() {
  clear_slack(1);
  const Phase& phase = stage_.phases[0];
  const int channels = stage_.out_channels;
  const int row_values = round_up(plan_.tile.width, kPixelBlock) * channels;
  const std::byte* const input = ring_row(0, 1);
  for (int row = tile_.y0; row < tile_.y1 + stage_.window - 1; ++row) {
    loader_.load(row, ring_row(0, 1));
    float* const products = scratch<float>(layout_.block) +
                            static_cast<std::ptrdiff_t>(row % stage_.window) * row_values;
    for (int x = 0; x < tile_.width(); x += kPixelBlock) {
      const void* rows[] = {input + static_cast<std::size_t>(x) * stage_.in_channels *
                                        kernels_.compute_size};
      kernels_.multiply({rows,
                         1,
                         stage_.in_channels,
                         phase.columns * stage_.in_channels,
                         phase.weights.data(),
                         std::min(kPixelBlock, tile_.width() - x),
                         channels,
                         products + static_cast<std::ptrdiff_t>(x) * channels,
                         channels});
    }
    const int y = row - (stage_.window - 1);
    if (y >= std::max(tile_.y0, context_.canvas.margin) && y < context_.canvas.rows_end()) {
      sum_rows(y);
    }
  }
}

void TileRunner::sum_rows(int y) {
  const int row_values = round_up(plan_.tile.width, kPixelBlock) * stage_.out_channels;
  const float* rows[kLargestWindow];
  for (int r = 0; r < stage_.window; ++r) {
    rows[r] = scratch<float>(layout_.block) +
              static_cast<std::ptrdiff_t>((y + r) % stage_.window) * row_values;
  }
  float* const row = scratch<float>(layout_.row);
  kernels_.gather({rows, stage_.out_channels, stage_.phases[0].bias.data(), row, tile_.width()});
  kernels_.squash(context_.network.output, row, tile_.width() * 3);
  write_picture_row(row, y);
}

void TileRunner::write_picture_row(const float* row, int y) const {
  const Canvas& canvas = context_.canvas;
  const int begin = std::max(tile_.x0, canvas.margin);
  const int pixels = std::min(tile_.x1, canvas.columns_end()) - begin;
  if (pixels <= 0) return;
  row += std::ptrdiff_t{3} * (begin - tile_.x0);
  y -= canvas.margin;
  const Size size = canvas.picture;
  const int x = begin - canvas.margin;
  const std::size_t above = y - context_.target.first;
  const std::size_t place = (above * size.width + x) * 3;
  if (context_.target.bytes != nullptr) {
    kernels_.to_bytes(row, context_.target.bytes + place, pixels * 3);
  } else if (context_.target.words != nullptr) {
    for (int i = 0; i < pixels * 3; ++i) {
      // Not a number fails both comparisons and becomes 0.
      const float value = row[i] > 0 ? (row[i] < 255 ? row[i] : 255.0F) : 0.0F;
      context_.target.words[place + i] = static_cast<std::uint16_t>(value * kWordStep + 0.5F);
    }
  } else {
    const std::size_t plane = static_cast<std::size_t>(size.width) * size.height;
    const std::size_t first = static_cast<std::size_t>(y) * size.width + x;
    for (int i = 0; i < pixels; ++i) {
      for (std::size_t c = 0; c < 3; ++c)
        context_.target.planes[c * plane + first + i] = row[i * 3 + c];
    }
  }
}

}  // namespace

void run_tile(const RunContext& context, int stage, const Tile& tile, std::byte* scratch) {
  TileRunner runner(context, stage, tile, scratch);
  switch (context.network.stages[stage].path) {
    case Path::kDirect:
      runner.run_direct();
      break;
    case Path::kWinograd:
      runner.run_winograd();
      break;
    case Path::kOutput:
      runner.run_output();
      break;
  }
  runner.moments().write(context, stage, tile);
}

}  // namespace impasto::engine
