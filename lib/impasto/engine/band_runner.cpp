#include "impasto/engine/band_runner.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "impasto/engine/moments.h"
#include "impasto/engine/row_window.h"
#include "impasto/engine/tile_runner.h"

namespace impasto::engine {

namespace {

class BandRunner {
 public:
  explicit BandRunner(const BandRun& run)
      : run_(run),
        plan_(run.plan),
        network_(run.network),
        windows_(plan_.window_size),
        moments_(plan_.moments_size),
        scratch_(plan_.scratch_size * plan_.threads),
        memory_(plan_.stages.size()),
        outputs_(plan_.stages.size()),
        kept_(plan_.stages.size()),
        context_{
            network_, run.kernels, plan_.canvas, plan_.stages, memory_, {}, {}, run.style_weights} {
    std::size_t values = 0;
    for (const Stage& stage : network_.stages) values += 2 * stage.out_channels;
    affine_.resize(values);
    float* next = affine_.data();
    for (std::size_t s = 0; s < memory_.size(); ++s) {
      memory_[s].affine = next;
      // Where a norm follows, the pass that measures the stage sets it.
      if (!network_.stages[s].measured()) set_affine(network_.stages[s], {}, {}, next);
      next += 2 * network_.stages[s].out_channels;
    }
    for (const Pass& pass : plan_.passes) {
      for (const int s : pass.computed) total_ += plan_.row_costs[s] * plan_.stages[s].grid.height;
    }
  }

  bool run() {
    for (const Pass& pass : plan_.passes) {
      if (!run_pass(pass)) return false;
    }
    return !run_.progress || run_.progress(1.0);
  }

 private:
  bool run_pass(const Pass& pass) {
    lay_out(pass);
    const Stage& target = network_.stages[pass.target];
    // The tiles' moments, then those of the rows until now.
    double* const tiles = reinterpret_cast<double*>(moments_.data());
    const std::size_t channels = target.out_channels;
    double* const sums = tiles + moments_.size() / sizeof(double) - 2 * channels;
    ChannelMoments moments{0, sums, sums + channels};
    if (target.measured()) memory_[pass.target].moments = tiles;

    if (pass.picture_rows > 0) run_.source.rewind();
    for (std::size_t b = 0; b < pass.bands.size(); ++b) {
      const Band& band = pass.bands[b];
      load(pass, band);
      for (const int s : pass.computed) {
        if (!run_stage(s, band)) return false;
      }
      if (target.measured()) {
        const RowRange rows = band.grid[pass.target];
        merge_tiles(context_, pass.target, rows.begin, rows.end, moments);
      }
      store(pass, band);
      if (b + 1 < pass.bands.size()) prefetch(pass, band, pass.bands[b + 1]);
    }
    if (target.measured()) {
      set_affine(target, context_.style_weights, moments, memory_[pass.target].affine);
    }
    memory_[pass.target].moments = nullptr;
    return true;
  }

  /// Gives each window of the pass its part of the memory.
  void lay_out(const Pass& pass) {
    std::byte* next = windows_.data();
    const auto window = [&next](int rows, std::size_t stride) {
      const RowWindow result(next, stride);
      next += aligned(rows * stride);
      return result;
    };
    for (std::size_t s = 0; s < memory_.size(); ++s) {
      const Stage& stage = network_.stages[s];
      const StagePlan& plan = plan_.stages[s];
      outputs_[s] = window(pass.output_rows[s], plan.output_row(stage, context_.kernels));
      kept_[s] = window(pass.kept_rows[s], plan.kept_row(stage, context_.kernels));
    }
    const std::size_t width = plan_.canvas.picture.width;
    picture_ = window(pass.picture_rows, width * plan_.channels * plan_.sample_bytes);
    result_ = window(pass.result_rows, width * 3 * plan_.sample_bytes);
  }

  /// Moves the windows to the band, and fills those of the picture and of what is stored.
  void load(const Pass& pass, const Band& band) {
    const RowRange missing = picture_.move_to(band.picture);
    const Rows& picture = picture_.rows();
    if (missing.count() > 0) {
      run_.source.read({reinterpret_cast<std::uint8_t*>(picture[missing.begin]),
                        picture.stride * missing.count()});
    }
    context_.source = {.channels = plan_.channels, .first = picture.first};
    result_.move_to(band.result);
    context_.target = {.first = band.result.begin};
    if (plan_.sample_bytes == 1) {
      context_.source.bytes = reinterpret_cast<const std::uint8_t*>(picture.data);
      context_.target.bytes = reinterpret_cast<std::uint8_t*>(result_.rows().data);
    } else {
      context_.source.words = reinterpret_cast<const std::uint16_t*>(picture.data);
      context_.target.words = reinterpret_cast<std::uint16_t*>(result_.rows().data);
    }

    for (std::size_t s = 0; s < memory_.size(); ++s) {
      const RowRange values = outputs_[s].move_to(band.outputs[s]);
      const RowRange kept = kept_[s].move_to(band.kept[s]);
      memory_[s].output = outputs_[s].rows();
      memory_[s].kept = kept_[s].rows();
      const int stage = static_cast<int>(s);
      if (stage >= pass.target || !plan_.stores_features) continue;
      if (plan_.stored(stage)) fill(run_.stores->values, outputs_[s], values);
      fill(run_.stores->kept, kept_[s], kept);
    }
  }

  static void fill(const FeatureStore& store, const RowWindow& window, RowRange missing) {
    if (missing.count() > 0) {
      store.read(missing.begin, missing.count(), window.rows()[missing.begin]);
    }
  }

  /// Puts away what the target has written.
  void store(const Pass& pass, const Band& band) {
    const RowRange rows = band.grid[pass.target];
    if (plan_.stored(pass.target)) {
      const StageMemory& memory = memory_[pass.target];
      run_.stores->values.write(rows.begin, rows.count(), memory.output[rows.begin]);
      if (band.kept[pass.target].count() > 0) {
        run_.stores->kept.write(rows.begin, rows.count(), memory.kept[rows.begin]);
      }
    }
    if (band.result.count() > 0) {
      const auto bytes = [&](const Rows& window) {
        return std::span(reinterpret_cast<const std::uint8_t*>(window[band.result.begin]),
                         window.stride * band.result.count());
      };
      run_.done(bytes(result_.rows()), bytes(picture_.rows()));
    }
  }

  void prefetch(const Pass& pass, const Band& band, const Band& next) const {
    if (!plan_.stores_features) return;
    for (int s = 0; s < pass.target; ++s) {
      const auto ask = [](const FeatureStore& store, RowRange now, RowRange then) {
        store.prefetch(now.end, then.end - now.end);
      };
      if (plan_.stored(s)) ask(run_.stores->values, band.outputs[s], next.outputs[s]);
      ask(run_.stores->kept, band.kept[s], next.kept[s]);
    }
  }

  /// Computes a stage's rows of the band on all threads.
  bool run_stage(int stage, const Band& band) {
    const RowRange rows = band.grid[stage];
    if (rows.count() == 0) return true;
    const StagePlan& plan = plan_.stages[stage];
    const int tiles = plan.tiles_in(rows.begin, rows.end);
    std::atomic<int> next{0};
    run_.pool.run([&](int worker) {
      std::byte* const scratch = scratch_.data() + worker * plan_.scratch_size;
      context_.kernels.enter();
      for (int t; (t = next.fetch_add(1, std::memory_order_relaxed)) < tiles;) {
        run_tile(context_, stage, plan.tile_at(t, rows.begin, rows.end), scratch);
      }
      context_.kernels.leave();
    });
    computed_ += plan_.row_costs[stage] * rows.count();
    return !run_.progress || run_.progress(std::min(computed_ / total_, 1.0));
  }

  const BandRun run_;
  const BandPlan& plan_;
  const Network& network_;
  const Buffer windows_;
  const Buffer moments_;
  const Buffer scratch_;
  std::vector<float> affine_;
  std::vector<StageMemory> memory_;
  std::vector<RowWindow> outputs_;
  std::vector<RowWindow> kept_;
  RowWindow picture_;
  RowWindow result_;
  RunContext context_;
  double computed_ = 0;
  double total_ = 0;
};

}  // namespace

bool run_bands(const BandRun& run) { return BandRunner(run).run(); }

}  // namespace impasto::engine
