// Band plans of random networks: every row that is read has been computed, loaded or kept.

#include "impasto/engine/band_plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/random_model.h"
#include "impasto/base/random.h"
#include "support/catch.h"

using namespace impasto;
using namespace impasto::engine;

namespace {

/// The row of a picture that a padded row shows; -1: none.
int shown(int row, int height, Padding padding) {
  if (row >= 0 && row < height) return row;
  if (padding == Padding::kZero) return -1;
  if (padding == Padding::kReplicate) return row < 0 ? 0 : height - 1;
  return row < 0 ? -row : 2 * (height - 1) - row;
}

class Checker {
 public:
  Checker(const Network& network, const BandPlan& plan) : network_(network), plan_(plan) {}

  std::string check() {
    for (const Pass& pass : plan_.passes) {
      for (std::size_t b = 0; b < pass.bands.size(); ++b) {
        for (const int s : pass.computed) check_stage(pass, b, s);
        check_windows(pass, b);
      }
      const Band& last = pass.bands.back();
      expect(last.grid[pass.target].end == plan_.stages[pass.target].grid.height, "not whole");
    }
    return wrong_;
  }

 private:
  void expect(bool right, const std::string& what) {
    if (!right && wrong_.empty()) wrong_ = what;
  }

  static bool holds(RowRange range, int row) { return row >= range.begin && row < range.end; }

  void check_stage(const Pass& pass, std::size_t b, int s) {
    const Band& band = pass.bands[b];
    const Stage& stage = network_.stages[s];
    const StagePlan& plan = plan_.stages[s];
    const RowRange rows = band.grid[s];
    const int before = b == 0 ? 0 : pass.bands[b - 1].grid[s].end;
    expect(rows.begin == before, stage.name + ": rows left out or computed twice");
    expect(rows.begin % kWinogradOut == 0 || rows.count() == 0, stage.name + ": not in blocks");
    if (stage.path != Path::kOutput && rows.count() > 0) {
      expect(holds(band.outputs[s], rows.begin * stage.step) &&
                 band.outputs[s].end == rows.end * stage.step,
             stage.name + ": no room to write");
    }
    const int enlarged = stage.resample == Resample::kNone ? 1 : 2;
    const int height = plan.input.height * enlarged;
    // Winograd computes whole tiles.
    const int end = stage.path == Path::kWinograd ? round_up(rows.end, kWinogradOut) : rows.end;
    const int last_row = height - 1 + stage.window - 1 - stage.pad;
    for (int y = rows.begin; y < end && rows.count() > 0; ++y) {
      for (int w = 0; w < stage.window; ++w) {
        const int padded = std::min(y * stage.stride - stage.pad + w, last_row);
        const int row = shown(padded, height, stage.padding);
        if (row >= 0) check_read(band, stage, row, height, enlarged);
      }
    }
  }

  void check_read(const Band& band, const Stage& stage, int row, int height, int enlarged) {
    if (stage.sources.empty()) {
      const int picture = plan_.canvas.picture.height;
      const int place = std::abs(row - plan_.canvas.margin);
      expect(holds(band.picture, place < picture ? place : 2 * (picture - 1) - place),
             stage.name + ": a row of the picture is not there");
      return;
    }
    std::vector<int> needed = {row};
    if (enlarged == 2) {
      const int other = row % 2 == 0 ? row / 2 - 1 : row / 2 + 1;
      needed = {row / 2, std::clamp(other, 0, height / 2 - 1)};
    }
    for (const Source& source : stage.sources) {
      for (const int small : needed) {
        expect(holds(band.outputs[source.stage], small), stage.name + ": a row is not there");
        if (source.residual >= 0) {
          expect(holds(band.kept[source.residual], small), stage.name + ": nothing to add");
        }
      }
    }
  }

  /// Windows only move downwards, and never beyond what they have without a gap.
  void check_windows(const Pass& pass, std::size_t b) {
    const auto check = [&](RowRange now, RowRange before, int rows, const std::string& name) {
      expect(now.count() >= 0 && now.count() <= rows, name + ": larger than its window");
      expect(now.begin >= before.begin && now.end >= before.end, name + ": moves upwards");
    };
    const Band none{std::vector<RowRange>(network_.stages.size()),
                    std::vector<RowRange>(network_.stages.size()),
                    std::vector<RowRange>(network_.stages.size()),
                    {},
                    {}};
    const Band& now = pass.bands[b];
    const Band& before = b == 0 ? none : pass.bands[b - 1];
    for (std::size_t s = 0; s < network_.stages.size(); ++s) {
      const std::string& name = network_.stages[s].name;
      check(now.outputs[s], before.outputs[s], pass.output_rows[s], name);
      check(now.kept[s], before.kept[s], pass.kept_rows[s], name + ", kept");
    }
    check(now.picture, before.picture, pass.picture_rows, "picture");
    expect(now.result.begin == before.result.end, "result: rows left out");
    expect(now.result.count() == 0 ||
               (now.picture.begin <= now.result.begin && now.picture.end >= now.result.end),
           "result: the photo's rows are not there");
  }

  const Network& network_;
  const BandPlan& plan_;
  std::string wrong_;
};

}  // namespace

TEST_CASE("band plans of every variant and random sizes have every row that is read") {
  std::uint64_t seed = 0;
  for (const NamedConfig& variant : variants()) {
    const StyleModel model = random_model(variant.config, seed);
    const Kernels& kernels = kernels_for(available_isas().back(), false);
    const Network network(model, kernels, true);
    for (int i = 0; i < 6; ++i) {
      CounterRandom random(seed++, 0);
      const Size size = {16 + static_cast<int>(random.below(60)),
                         16 + static_cast<int>(random.below(700))};
      const int band = 1 + static_cast<int>(random.below(40));
      INFO(variant.name << ", " << size.width << "x" << size.height << ", bands of " << band);
      const BandPlan plan(network, kernels, size, 3, 2, band);
      REQUIRE(Checker(network, plan).check() == "");
      const bool measured = variant.config.norm == Norm::kInstance ||
                            variant.config.norm == Norm::kConditionalInstance;
      CHECK(plan.stores_features == measured);
      CHECK(plan.passes.size() == (measured ? network.stages.size() : 1));
    }
  }
}
