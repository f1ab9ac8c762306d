#include "impasto/engine/band_plan.h"

#include <algorithm>

#include "impasto/engine/buffer.h"

namespace impasto::engine {

namespace {

/// Bands begin at multiples of it: Winograd's tiles then never need rows beyond the band's own
/// window.
constexpr int kRowBlock = kWinogradOut;

constexpr int divide_up(int a, int b) { return (a + b - 1) / b; }

int enlargement(const Stage& stage) { return stage.resample == Resample::kNone ? 1 : 2; }

/// Of what a stage reads, the first row that its grid rows from `row` on need. Padding at the
/// bottom reflects rows that the last rows need anyway.
int first_needed(const Stage& stage, const StagePlan& plan, int row) {
  if (row >= plan.grid.height) return plan.input.height;
  const int first = std::max(0, row * stage.stride - stage.pad);
  return stage.resample == Resample::kNone ? first : std::max(0, first / 2 - 1);
}

/// Of what a stage reads, the row behind the last that its grid rows up to `end` need.
int end_of_needed(const Stage& stage, const StagePlan& plan, int end) {
  if (end <= 0) return 0;
  const int height = plan.input.height * enlargement(stage);
  int last = (end - 1) * stage.stride - stage.pad + stage.window - 1;
  // At the top, padding reflects rows that lie below the first.
  last = std::min(std::max(last, stage.pad), height - 1);
  if (stage.resample != Resample::kNone) last = std::min(last / 2 + 1, plan.input.height - 1);
  return last + 1;
}

double row_cost(const Stage& stage, const StagePlan& plan) {
  double products = 0;
  for (const Phase& phase : stage.phases) {
    const int window = phase.rows * phase.columns;
    products += static_cast<double>(window) * stage.in_channels * stage.out_channels;
    products += static_cast<double>(phase.depthwise.size());
  }
  if (stage.path == Path::kOutput) products *= stage.window * 3.0 / stage.out_channels;
  if (stage.path == Path::kWinograd) products /= 4;
  return products * plan.grid.width;
}

/// Lays out the bands of one pass.
class PassBuilder {
 public:
  PassBuilder(const Network& network, const BandPlan& plan, int target)
      : network_(network), plan_(plan), count_(static_cast<int>(plan.stages.size())) {
    pass_.target = target;
    done_.assign(count_, 0);
    computed_.assign(count_, false);
    loaded_.assign(count_, false);
    computed_[target] = true;
    for (int s = target; s >= 0; --s) {
      if (!computed_[s]) continue;
      pass_.computed.insert(pass_.computed.begin(), s);
      for (const Source& source : network.stages[s].sources) {
        (plan.stored(source.stage) ? loaded_ : computed_)[source.stage] = true;
      }
    }
  }

  Pass build(int band) {
    const StagePlan& target = plan_.stages[pass_.target];
    const int scale = std::max(1, target.grid.height / (plan_.canvas.size.height / 4));
    const int step = round_up(band * scale, kRowBlock);
    while (done_[pass_.target] < target.grid.height) {
      add_band(std::min(done_[pass_.target] + step, target.grid.height));
    }
    measure();
    return std::move(pass_);
  }

 private:
  bool is_output(int stage) const { return network_.stages[stage].path == Path::kOutput; }

  void add_band(int target_goal) {
    const Band* const before = pass_.bands.empty() ? nullptr : &pass_.bands.back();
    Band band;
    band.grid.resize(count_);
    band.outputs.resize(count_);
    band.kept.resize(count_);

    std::vector<int> goal = done_;
    goal[pass_.target] = target_goal;
    std::vector<int> loaded_end(count_, 0);
    // Rows that are still to be read, in this band or later.
    std::vector<int> output_begin(count_), kept_begin(count_);
    for (int s = 0; s < count_; ++s) {
      output_begin[s] = plan_.stages[s].output.height;
      kept_begin[s] = plan_.stages[s].input.height;
    }
    int picture_begin = plan_.canvas.picture.height;
    int picture_end = before != nullptr ? before->picture.end : 0;

    for (auto it = pass_.computed.rbegin(); it != pass_.computed.rend(); ++it) {
      const int s = *it;
      const Stage& stage = network_.stages[s];
      const StagePlan& plan = plan_.stages[s];
      const int first = first_needed(stage, plan, done_[s]);
      const int end = end_of_needed(stage, plan, goal[s]);
      if (stage.sources.empty()) {
        if (done_[s] < plan.grid.height) {
          picture_begin = std::min(picture_begin, first_picture_row(first));
        }
        picture_end = std::max(picture_end, end_of_picture_rows(end));
      }
      for (const Source& source : stage.sources) {
        const StagePlan& from = plan_.stages[source.stage];
        output_begin[source.stage] = std::min(output_begin[source.stage], first);
        if (source.residual >= 0) {
          kept_begin[source.residual] = std::min(kept_begin[source.residual], first);
        }
        if (loaded_[source.stage]) {
          loaded_end[source.stage] = std::max(loaded_end[source.stage], end);
        } else {
          const int rows = round_up(divide_up(end, network_.stages[source.stage].step), kRowBlock);
          goal[source.stage] = std::max(goal[source.stage], std::min(rows, from.grid.height));
        }
      }
    }

    for (int s = 0; s < count_; ++s) {
      if (loaded_[s]) {
        const int end = before != nullptr ? before->outputs[s].end : 0;
        band.outputs[s] = {output_begin[s], std::max(end, loaded_end[s])};
      }
      if (!computed_[s]) continue;
      const int step = network_.stages[s].step;
      band.grid[s] = {done_[s], goal[s]};
      if (s == pass_.target) output_begin[s] = done_[s] * step;
      if (!is_output(s)) band.outputs[s] = {output_begin[s], goal[s] * step};
      if (keeps(s)) {
        band.kept[s] = {s == pass_.target ? done_[s] : std::min(kept_begin[s], done_[s]), goal[s]};
      }
    }
    for (const int s : pass_.computed) {
      for (const Source& source : network_.stages[s].sources) {
        if (source.residual >= 0 && loaded_[source.stage]) {
          band.kept[source.residual] = band.outputs[source.stage];
        }
      }
    }
    if (is_output(pass_.target)) {
      // What goes in is handed out beside what comes out.
      band.result = {shown_row(done_[pass_.target]), shown_row(target_goal)};
      picture_begin = std::min(picture_begin, band.result.begin);
      picture_end = std::max(picture_end, band.result.end);
    }
    band.picture = {std::min(picture_begin, picture_end), picture_end};
    pass_.bands.push_back(std::move(band));
    done_ = goal;
  }

  /// Of the picture, the first row that the canvas's rows from `row` on show. What is mirrored at
  /// the bottom shows rows above.
  int first_picture_row(int row) const {
    const Canvas& canvas = plan_.canvas;
    return std::min(std::max(0, row - canvas.margin), canvas.picture_row(canvas.size.height - 1));
  }

  /// Of the picture, the row behind the last that the canvas's rows up to `end` show. What is
  /// mirrored at the top shows rows below.
  int end_of_picture_rows(int end) const {
    if (end <= 0) return 0;
    const Canvas& canvas = plan_.canvas;
    return std::min(std::max(end - canvas.margin, canvas.margin + 1), canvas.picture.height);
  }

  /// The picture's row that the canvas's row comes out as, or the next.
  int shown_row(int row) const {
    return std::clamp(row - plan_.canvas.margin, 0, plan_.canvas.picture.height);
  }

  bool keeps(int stage) const {
    const auto& sources = network_.stages[stage].sources;
    return !sources.empty() && sources[0].keep;
  }

  void measure() {
    pass_.output_rows.assign(count_, 0);
    pass_.kept_rows.assign(count_, 0);
    for (const Band& band : pass_.bands) {
      for (int s = 0; s < count_; ++s) {
        pass_.output_rows[s] = std::max(pass_.output_rows[s], band.outputs[s].count());
        pass_.kept_rows[s] = std::max(pass_.kept_rows[s], band.kept[s].count());
      }
      pass_.picture_rows = std::max(pass_.picture_rows, band.picture.count());
      pass_.result_rows = std::max(pass_.result_rows, band.result.count());
    }
  }

  const Network& network_;
  const BandPlan& plan_;
  const int count_;
  Pass pass_;
  std::vector<int> done_;       // Grid rows of each stage.
  std::vector<bool> computed_;  // In this pass.
  std::vector<bool> loaded_;    // From the store.
};

}  // namespace

BandPlan::BandPlan(const Network& network,
                   const Kernels& kernels,
                   Size picture_size,
                   int channel_count,
                   int thread_count,
                   int band,
                   int bytes_of_sample)
    : canvas(picture_size, network.margin),
      channels(channel_count),
      sample_bytes(bytes_of_sample),
      threads(thread_count) {
  const int count = static_cast<int>(network.stages.size());
  stages.resize(count);
  for (int s = 0; s < count; ++s) {
    const Stage& stage = network.stages[s];
    const Size input = stage.sources.empty() ? canvas.size : stages[stage.sources[0].stage].output;
    const int grid_rows = input.height * enlargement(stage) / stage.stride;
    const int rows = round_up(band * std::max(1, grid_rows / (canvas.size.height / 4)), kRowBlock);
    stages[s] = plan_stage(stage, input, rows, kernels, threads, false);
    row_costs.push_back(row_cost(stage, stages[s]));
    scratch_size = std::max(scratch_size, aligned(stages[s].scratch.size));
    stores_features = stores_features || stage.measured();
  }
  if (stores_features) {
    const Size quarter = {canvas.size.width / 4, canvas.size.height / 4};
    const auto is_quarter = [&](const StagePlan& plan) { return plan.output == quarter; };
    first_stored =
        static_cast<int>(std::find_if(stages.begin(), stages.end(), is_quarter) - stages.begin());
    last_stored = first_stored;
    while (is_quarter(stages[last_stored + 1])) ++last_stored;
    stored_row = stages[first_stored].output_row(network.stages[first_stored], kernels);
    stored_rows = quarter.height;
  }

  for (int s = 0; s < count; ++s) {
    const bool last = s == count - 1;
    if (last || (stores_features && (stored(s) || network.stages[s].measured()))) {
      passes.push_back(PassBuilder(network, *this, s).build(band));
    }
  }

  for (const Pass& pass : passes) {
    std::size_t size = 0;
    for (int s = 0; s < count; ++s) {
      const Stage& stage = network.stages[s];
      size += aligned(pass.output_rows[s] * stages[s].output_row(stage, kernels));
      size += aligned(pass.kept_rows[s] * stages[s].kept_row(stage, kernels));
    }
    const std::size_t width = canvas.picture.width;
    size += aligned(pass.picture_rows * width * channels * sample_bytes) +
            aligned(pass.result_rows * width * 3 * sample_bytes);
    window_size = std::max(window_size, size);

    int tiles = 0;
    for (const Band& each : pass.bands) {
      const RowRange rows = each.grid[pass.target];
      tiles = std::max(tiles, stages[pass.target].tiles_in(rows.begin, rows.end));
    }
    moments_size = std::max(
        moments_size,
        aligned(sizeof(double) * 2 * (tiles + 1) * network.stages[pass.target].out_channels));
  }
}

}  // namespace impasto::engine
