#include "engine/plan_check.h"

#include <algorithm>
#include <vector>

#include "impasto/engine/plan.h"
#include "impasto/style/parameters.h"

using namespace impasto;
using namespace impasto::engine;

namespace {

/// Numbers from the bytes, and zeros when they run out.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  int below(int bound) {
    int value = 0;
    for (int i = 0; i < 2; ++i) value = value * 256 + (next_ < bytes_.size() ? bytes_[next_++] : 0);
    return value % bound;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t next_ = 0;
};

GeneratorConfig config_from(Reader& reader) {
  GeneratorConfig config;
  config.base_channels = 1 + reader.below(40);
  config.residual_blocks = 1 + reader.below(3);
  config.norm = static_cast<Norm>(reader.below(4));
  config.upsample = static_cast<Upsample>(reader.below(4));
  config.skip_connections = reader.below(2) == 1;
  const bool separable = reader.below(4) == 0 && config.upsample != Upsample::kTransposed &&
                         config.upsample != Upsample::kPixelShuffle;
  if (separable) config.block = Block::kDepthwiseSeparable;
  config.margin = reader.below(13);
  return config;
}

StyleModel model_of_zeros(const GeneratorConfig& config) {
  StyleModel model;
  model.generator = config;
  model.styles = {"style"};
  for (const ParameterSpec& spec : parameter_specs(config)) {
    std::size_t count = 1;
    for (const std::int64_t side : spec.shape) count *= static_cast<std::size_t>(side);
    model.tensors[spec.name] = HostTensor::from_floats(spec.shape, std::vector<float>(count));
  }
  return model;
}

/// Bytes in use from one stage to another.
struct Use {
  std::string name;
  std::size_t begin;
  std::size_t end;
  int first;
  int last;
};

class Checker {
 public:
  Checker(const Network& network, const Kernels& kernels, const Plan& plan)
      : network_(network), kernels_(kernels), plan_(plan) {}

  std::string check() {
    for (int s = 0; s < count(); ++s) check_tiles(s);
    for (int s = 0; s < count(); ++s) check_overlap(s);
    check_memory();
    return wrong_;
  }

 private:
  int count() const { return static_cast<int>(plan_.stages.size()); }

  void expect(bool right, const std::string& what) {
    if (!right && wrong_.empty()) wrong_ = what;
  }

  std::size_t row_bytes(int stage) const {
    return static_cast<std::size_t>(plan_.stages[stage].output.width) *
           network_.stages[stage].out_channels * kernels_.storage_size;
  }

  void check_tiles(int s) {
    const StagePlan& plan = plan_.stages[s];
    const std::string& name = network_.stages[s].name;
    const auto covers = [](int tiles, int tile, int size) {
      return tile > 0 && tiles > 0 && tiles * tile >= size && (tiles - 1) * tile < size;
    };
    expect(covers(plan.tiles_across, plan.tile.width, plan.grid.width), name + ": columns");
    expect(covers(plan.tiles_down, plan.tile.height, plan.grid.height), name + ": rows");
    expect(plan.scratch.size <= plan_.scratch_size, name + ": scratch");
    const bool last = s == count() - 1;
    if (last) expect(plan.output == plan_.canvas.size, name + ": size");
  }

  /// What tiles of row b write lies before everything that tiles not known to be done may still
  /// read.
  void check_overlap(int s) {
    const StagePlan& plan = plan_.stages[s];
    const Stage& stage = network_.stages[s];
    if (plan.needed_rows.empty()) return;
    const int source = stage.sources[0].stage;
    expect(static_cast<int>(plan.needed_rows.size()) == plan.tiles_down, stage.name + ": needs");
    for (int b = 0; b < plan.tiles_down; ++b) {
      const int needed = plan.needed_rows[b];
      expect(needed <= std::max(0, b - (plan_.threads - 1)),
             stage.name + ": needs what is not done");
      const int end_row = std::min((b + 1) * plan.tile.height, plan.grid.height) * stage.step;
      const std::size_t written = plan.output_offset + end_row * row_bytes(s);
      const int first_row = std::max(0, needed * plan.tile.height * stage.stride - stage.pad);
      const std::size_t read = plan_.stages[source].output_offset + first_row * row_bytes(source);
      expect(written <= read, stage.name + ": overwrites what is still read");
    }
  }

  void check_memory() {
    std::vector<Use> uses;
    std::vector<int> last_read(count(), 0);
    std::vector<int> last_added(count(), 0);
    for (int s = 0; s < count(); ++s) {
      for (const Source& source : network_.stages[s].sources) {
        last_read[source.stage] = s;
        if (source.residual >= 0) last_added[source.residual] = s;
      }
    }
    for (int s = 0; s < count(); ++s) {
      const Stage& stage = network_.stages[s];
      const StagePlan& plan = plan_.stages[s];
      const auto add = [&](const char* what, std::size_t begin, std::size_t bytes, int last) {
        uses.push_back({stage.name + " " + what, begin, begin + bytes, s, last});
      };
      if (stage.path != Path::kOutput) {
        add("output", plan.output_offset, plan.output.height * row_bytes(s), last_read[s]);
        add("affine", plan.affine_offset, 2 * sizeof(float) * stage.out_channels, last_read[s]);
      }
      if (last_added[s] > 0) {
        const std::size_t values =
            static_cast<std::size_t>(plan.input.width) * plan.input.height * stage.in_channels;
        add("kept", plan.kept_offset, values * kernels_.storage_size, last_added[s]);
      }
      if (stage.measured()) {
        const std::size_t values = static_cast<std::size_t>(2 * plan.tiles()) * stage.out_channels;
        add("moments", plan.moments_offset, values * sizeof(double), s);
      }
    }
    for (std::size_t a = 0; a < uses.size(); ++a) {
      expect(uses[a].end <= plan_.front_offset, uses[a].name + ": past the end");
      for (std::size_t b = a + 1; b < uses.size(); ++b) {
        const bool meet = uses[a].first <= uses[b].last && uses[b].first <= uses[a].last;
        const bool apart = uses[a].end <= uses[b].begin || uses[b].end <= uses[a].begin;
        const StagePlan& later = plan_.stages[uses[b].first];
        const bool over_its_input = !later.needed_rows.empty() && uses[a].last == uses[b].first &&
                                    uses[b].begin == later.output_offset &&
                                    uses[a].begin == plan_.stages[uses[a].first].output_offset;
        expect(!meet || apart || over_its_input, uses[a].name + " and " + uses[b].name);
      }
    }
  }

  const Network& network_;
  const Kernels& kernels_;
  const Plan& plan_;
  std::string wrong_;
};

}  // namespace

std::string check_plan_from(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes);
  const GeneratorConfig config = config_from(reader);
  const Isa isa = available_isas()[reader.below(static_cast<int>(available_isas().size()))];
  const bool bfloat16 = reader.below(2) == 1;
  const bool winograd = reader.below(2) == 1;
  const int threads = 1 + reader.below(20);
  const Size size = {16 + reader.below(3000), 16 + reader.below(3000)};
  const Kernels& kernels = kernels_for(isa, bfloat16);
  const Network network(model_of_zeros(config), kernels, winograd);
  const Plan plan(network, kernels, size, threads);
  const std::string wrong = Checker(network, kernels, plan).check();
  return wrong.empty() ? "" : wrong + "\n" + plan.description(network, kernels);
}
