#include "impasto/engine/plan.h"

#include <algorithm>

#include "impasto/engine/arena.h"
#include "impasto/engine/cache.h"

namespace impasto::engine {

namespace {

/// Grid rows of the tiles of a stage that writes over its input: the fewer, the less memory lies
/// between the two.
constexpr int kOverlapRows = 16;

constexpr int divide_up(int a, int b) { return (a + b - 1) / b; }

std::size_t product(std::size_t a, std::size_t b, std::size_t c = 1) { return a * b * c; }

/// Parts of nearly the same size, a multiple of `unit`, not above `largest` where that allows one
/// unit.
int even_part(int total, int largest, int unit) {
  const int parts = divide_up(total, std::max(largest, unit));
  return round_up(divide_up(total, parts), unit);
}

/// Tiles are as wide as their padded rows leave half of the second-level cache free for the
/// weights, and so high that every thread gets several, but high enough that the rows that
/// neighbours both load are few.
Size direct_tile(
    const Stage& stage, Size area, const Kernels& kernels, int threads, bool overlapping) {
  const bool output = stage.path == Path::kOutput;
  const std::size_t rows = output ? 1 : stage.window;
  std::size_t column = product(rows * stage.stride, stage.in_channels, kernels.compute_size);
  if (output) column += product(stage.window, stage.out_channels, sizeof(float));
  const int widest = static_cast<int>(second_level_cache() / 4 / column);
  Size tile;
  tile.width = std::min(even_part(area.width, widest, kPixelBlock), area.width);
  const int across = divide_up(area.width, tile.width);
  const int wanted = threads == 1 ? 1 : divide_up(3 * threads, across);
  const int lowest = 2 * stage.window;
  tile.height = std::max(divide_up(area.height, wanted), std::min(lowest, area.height));
  if (overlapping) tile.height = std::min(tile.height, kOverlapRows);
  return tile;
}

/// As many 4x4 tiles as keep their transforms in the second-level cache, in a nearly square group.
Size winograd_tile(
    const Stage& stage, Size area, const Kernels& kernels, int threads, bool overlapping) {
  const std::size_t tile_bytes =
      product(kWinogradPoints,
              stage.in_channels + std::min(stage.out_channels, kernels.panel),
              sizeof(float));
  const int fitting = static_cast<int>(second_level_cache() * 3 / 4 / tile_bytes);
  const int across = divide_up(area.width, kWinogradOut);
  const int down = divide_up(area.height, kWinogradOut);
  const int fair = divide_up(across * down, threads == 1 ? 1 : 2 * threads);
  const int tiles = std::clamp(std::min(fitting, fair), 8, 128);
  const int width = even_part(across, std::max(16, tiles / 4), 1);
  const int tallest = overlapping ? kOverlapRows / kWinogradOut : down;
  const int height = even_part(down, std::clamp(tiles / width, 1, tallest), 1);
  return {width * kWinogradOut, height * kWinogradOut};
}

/// A stage whose output may lie over its input, which nobody else reads: rows are written where
/// rows lay that have been read. The input begins `shift` bytes after the output, far enough that
/// what a row of tiles overwrites was last read by tiles that are done when as many tiles as there
/// are threads are under way.
struct Overlap {
  std::size_t shift = 0;
  std::size_t input_bytes = 0;
  std::size_t output_bytes = 0;
  std::vector<int> needed_rows;
};

Overlap overlap_of(const Stage& stage,
                   const StagePlan& plan,
                   std::size_t input_row,
                   std::size_t output_row,
                   int threads) {
  const std::size_t tile_rows = plan.tile.height;
  const std::size_t read_step =
      tile_rows * stage.stride;  // input rows from one row of tiles to the next
  const auto written_until = [&](int row) {
    const std::size_t grid_rows = std::min<std::size_t>((row + 1) * tile_rows, plan.grid.height);
    return grid_rows * stage.step * output_row;
  };
  Overlap overlap;
  for (int row = 0; row < plan.tiles_down; ++row) {
    const std::size_t done = std::max(0, row - (threads - 1));
    const std::size_t free = done == 0 ? 0 : (done * read_step - stage.pad) * input_row;
    const std::size_t written = written_until(row);
    if (written > free) overlap.shift = std::max(overlap.shift, aligned(written - free));
  }
  for (int row = 0; row < plan.tiles_down; ++row) {
    const std::size_t written = written_until(row);
    int needed = 0;
    if (written > overlap.shift) {
      const std::size_t input_rows = (written - overlap.shift + input_row - 1) / input_row;
      needed = static_cast<int>((input_rows - 1 + stage.pad) / read_step) + 1;
    }
    overlap.needed_rows.push_back(needed);
  }
  overlap.input_bytes = product(plan.input.height, input_row);
  overlap.output_bytes = written_until(plan.tiles_down - 1);
  return overlap;
}

/// Reserves one piece of scratch after the other.
class ScratchLayout {
 public:
  std::size_t add(std::size_t bytes) {
    const std::size_t offset = size_;
    size_ += aligned(bytes);
    return offset;
  }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

Scratch scratch_of(const Stage& stage, const StagePlan& plan, const Kernels& kernels) {
  Scratch scratch;
  ScratchLayout layout;
  // Products work on whole blocks of pixels and depth, so rows have room past their end.
  const int columns = (round_up(plan.tile.width, kPixelBlock) - 1) * stage.stride + stage.window;
  const std::size_t pixel = product(stage.in_channels, kernels.compute_size);
  const std::size_t slack = product(kernels.depth_block, kernels.compute_size);
  scratch.ring_row = aligned(product(columns + kWinogradOut, pixel) + slack);
  const bool output = stage.path == Path::kOutput;
  const int ring_rows = output ? 1 : stage.path == Path::kWinograd ? kWinogradIn : stage.window;
  scratch.ring = layout.add(product(ring_rows, scratch.ring_row));
  if (stage.resample != Resample::kNone) {
    for (std::size_t& row : scratch.small) row = layout.add(product(plan.input.width, pixel));
    scratch.blended = layout.add(product(plan.input.width, pixel));
  }
  if (stage.separable()) {
    scratch.filtered_size = product(round_up(plan.tile.width, kPixelBlock), pixel) + slack;
    scratch.filtered = layout.add(scratch.filtered_size);
  }
  if (output) {
    const int width = round_up(plan.tile.width, kPixelBlock);
    scratch.block = layout.add(product(stage.window * width, stage.out_channels, sizeof(float)));
    scratch.row = layout.add(product(width, 3, sizeof(float)));
  } else if (stage.path == Path::kWinograd) {
    const std::size_t tiles =
        product(plan.tile.width / kWinogradOut, plan.tile.height / kWinogradOut);
    scratch.points = layout.add(product(kWinogradPoints * tiles, stage.in_channels, sizeof(float)));
    const int panel = std::min(stage.out_channels, std::max(kernels.panel, kChannelBlock));
    scratch.block = layout.add(product(kWinogradPoints * tiles, panel, sizeof(float)));
  } else {
    scratch.block = layout.add(product(kPixelBlock, stage.out_channels, sizeof(float)));
  }
  if (stage.measured()) {
    scratch.pivot = layout.add(product(stage.out_channels, sizeof(float)));
    scratch.sum = layout.add(product(stage.out_channels, sizeof(double)));
    scratch.square = layout.add(product(stage.out_channels, sizeof(double)));
  }
  scratch.size = layout.size();
  return scratch;
}

std::string name_of(const Stage& stage) {
  if (stage.path == Path::kOutput) return "row products and sum";
  std::string name = stage.resample == Resample::kBilinear ? "bilinear on load, " : "";
  if (stage.separable()) name += "depthwise and ";
  name += stage.path == Path::kWinograd ? "winograd" : "direct";
  return stage.step == 2 ? name + ", 4 phases" : name;
}

std::string text_of(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

/// The grid of a stage that reads pictures of this size, and what it writes.
Size grid_of(const Stage& stage, Size input) {
  const int enlarged = stage.resample == Resample::kNone ? 1 : 2;
  return {input.width * enlarged / stage.stride, input.height * enlarged / stage.stride};
}

Size output_of(const Stage& stage, Size input) {
  const Size grid = grid_of(stage, input);
  return {grid.width * stage.step, grid.height * stage.step};
}

}  // namespace

Canvas::Canvas(Size picture_size, int picture_margin)
    : picture(picture_size),
      margin(picture_margin),
      size{round_up(picture_size.width + 2 * picture_margin, 4),
           round_up(picture_size.height + 2 * picture_margin, 4)} {}

int Canvas::picture_column(int x) const { return mirrored(x - margin, picture.width); }

int Canvas::picture_row(int y) const { return mirrored(y - margin, picture.height); }

int StagePlan::tiles_in(int begin, int end) const {
  return tiles_across * divide_up(end - begin, tile.height);
}

Tile StagePlan::tile_at(int number, int begin, int end) const {
  const int x = number % tiles_across * tile.width;
  const int y = begin + number / tiles_across * tile.height;
  return {number, x, std::min(x + tile.width, grid.width), y, std::min(y + tile.height, end)};
}

std::size_t StagePlan::output_row(const Stage& stage, const Kernels& kernels) const {
  return product(output.width, stage.out_channels, kernels.storage_size);
}

std::size_t StagePlan::kept_row(const Stage& stage, const Kernels& kernels) const {
  return product(input.width, stage.in_channels, kernels.storage_size);
}

StagePlan plan_stage(const Stage& stage,
                     Size input,
                     int band,
                     const Kernels& kernels,
                     int threads,
                     bool overlapping) {
  StagePlan plan;
  plan.input = input;
  plan.grid = grid_of(stage, input);
  plan.output = output_of(stage, input);
  const Size area = {plan.grid.width, std::min(plan.grid.height, band)};
  plan.tile = stage.path == Path::kWinograd
                  ? winograd_tile(stage, area, kernels, threads, overlapping)
                  : direct_tile(stage, area, kernels, threads, overlapping);
  plan.tiles_across = divide_up(plan.grid.width, plan.tile.width);
  plan.tiles_down = divide_up(plan.grid.height, plan.tile.height);
  plan.scratch = scratch_of(stage, plan, kernels);
  return plan;
}

Plan::Plan(const Network& network, const Kernels& kernels, Size picture_size, int thread_count)
    : canvas(picture_size, network.margin), threads(thread_count) {
  const int count = static_cast<int>(network.stages.size());
  // A stage's output lives until the last stage that reads it; what it keeps, until it is added.
  std::vector<int> readers(count, 0);
  std::vector<int> last_read(count, 0);
  std::vector<int> last_added(count, 0);
  for (int s = 0; s < count; ++s) {
    for (const Source& source : network.stages[s].sources) {
      ++readers[source.stage];
      last_read[source.stage] = s;
      if (source.residual >= 0) last_added[source.residual] = s;
    }
  }

  std::vector<Overlap> overlaps(count);
  stages.resize(count);
  for (int s = 0; s < count; ++s) {
    const Stage& stage = network.stages[s];
    StagePlan& plan = stages[s];
    const Size input = stage.sources.empty() ? canvas.size : stages[stage.sources[0].stage].output;
    const Size output = output_of(stage, input);
    // At full resolution, where input and output together set the peak of the memory.
    const bool sole_reader = stage.sources.size() == 1 && readers[stage.sources[0].stage] == 1;
    // The last rows of a wrapped picture read the first.
    const bool overlapping = sole_reader && stage.path != Path::kOutput &&
                             stage.resample == Resample::kNone && stage.padding != Padding::kWrap &&
                             (input == canvas.size || output == canvas.size);
    plan = plan_stage(stage, input, input.height * 2, kernels, threads, overlapping);
    scratch_size = std::max(scratch_size, plan.scratch.size);
    if (overlapping) {
      overlaps[s] = overlap_of(
          stage, plan, plan.kept_row(stage, kernels), plan.output_row(stage, kernels), threads);
      plan.needed_rows = overlaps[s].needed_rows;
    }
  }

  struct Wanted {
    std::size_t* offset;
    int buffer;
    std::size_t shift;  // from the buffer's start
  };
  ArenaLayout arena;
  std::vector<Wanted> wanted;
  for (int s = 0; s < count; ++s) {
    const Stage& stage = network.stages[s];
    StagePlan& plan = stages[s];
    if (stage.path != Path::kOutput && plan.needed_rows.empty()) {
      const int reader = last_read[s];
      if (stages[reader].needed_rows.empty()) {
        const std::size_t values =
            product(plan.output.width, plan.output.height, stage.out_channels);
        wanted.push_back(
            {&plan.output_offset, arena.add(values * kernels.storage_size, s, reader), 0});
      } else {
        const Overlap& overlap = overlaps[reader];
        const int buffer = arena.add({{overlap.shift, overlap.input_bytes, s, reader},
                                      {0, overlap.output_bytes, reader, last_read[reader]}});
        wanted.push_back({&plan.output_offset, buffer, overlap.shift});
        wanted.push_back({&stages[reader].output_offset, buffer, 0});
      }
    }
    const auto add = [&](std::size_t& offset, std::size_t bytes, int last) {
      wanted.push_back({&offset, arena.add(bytes, s, last), 0});
    };
    if (stage.path != Path::kOutput) {
      add(plan.affine_offset, product(2, stage.out_channels, sizeof(float)), last_read[s]);
    }
    if (last_added[s] > 0) {
      const std::size_t kept = product(plan.input.width, plan.input.height, stage.in_channels);
      add(plan.kept_offset, kept * kernels.storage_size, last_added[s]);
    }
    if (stage.measured()) {
      add(plan.moments_offset, product(2 * plan.tiles(), stage.out_channels, sizeof(double)), s);
    }
  }
  const std::vector<std::size_t> offsets = arena.place();
  for (const Wanted& each : wanted) *each.offset = offsets[each.buffer] + each.shift;
  front_offset = aligned(arena.size());
  scratch_offset = front_offset + product(kAlignment, threads);
  scratch_size = aligned(scratch_size);
  arena_size = scratch_offset + product(scratch_size, threads);
}

std::string Plan::description(const Network& network, const Kernels& kernels) const {
  std::string text;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const Stage& stage = network.stages[s];
    const StagePlan& plan = stages[s];
    text += stage.name + ": " + name_of(stage) + ", " + kernels.name + ", " +
            std::to_string(stage.in_channels) + " channels " + text_of(plan.input) + " to " +
            std::to_string(stage.path == Path::kOutput ? 3 : stage.out_channels) + " channels " +
            text_of(plan.output) + ", " + std::to_string(plan.tiles()) + " tiles of " +
            text_of(plan.tile) + "\n";
  }
  text += "memory: " + std::to_string(arena_size >> 10) + " KiB, of which " +
          std::to_string(product(scratch_size, threads) >> 10) + " KiB are the workers' own\n";
  return text;
}

}  // namespace impasto::engine
