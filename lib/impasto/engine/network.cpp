#include "impasto/engine/network.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/engine/filter.h"

namespace impasto::engine {

namespace {

constexpr double kEpsilon = 1e-5;    // of batch norm, as in PyTorch
constexpr float kLeakySlope = 0.2f;  // of nn's ActivationLayer

/// What a stage's input consists of, until its channel counts are known.
struct Features {
  std::vector<Source> sources;
  std::vector<int> channels;  ///< Of each source, not rounded.
};

/// Walks through a generator's config in the order of computation.
class Builder {
 public:
  Builder(const StyleModel& model,
          const Kernels& kernels,
          bool winograd,
          std::vector<Stage>& stages)
      : model_(model),
        config_(model.generator),
        kernels_(kernels),
        winograd_(winograd && kernels.winograd_input != nullptr),
        stages_(stages) {}

  void build() {
    const int base = config_.base_channels;
    const Activation encoder = config_.encoder_activation;
    std::vector<Features> encoded;
    Features features;
    for (int i = 0; i < 3; ++i) {
      const std::string name = "encoder." + std::to_string(i);
      if (i == 0) {
        add_first(name);
      } else {
        add_conv(name + ".conv", name + ".norm", features, base << i, 2);
      }
      features = last(base << i, name + ".activation", encoder);
      encoded.push_back(features);
    }
    for (int i = 0; i < config_.residual_blocks; ++i) {
      const std::string name = "residual." + std::to_string(i);
      features.sources[0].keep = true;
      const int block = static_cast<int>(stages_.size());
      add_conv(name + ".conv1", name + ".norm1", features, 4 * base, 1);
      features = last(4 * base, name + ".activation", encoder);
      add_conv(name + ".conv2", name + ".norm2", features, 4 * base, 1);
      features = last(4 * base);
      features.sources[0].residual = block;
    }
    for (int i = 0; i < 2; ++i) {
      const std::string name = "decoder." + std::to_string(i);
      const int out = 2 * base >> i;
      add_upsampling(name + ".conv", name + ".norm", features, out);
      features = last(out, name + ".activation", config_.decoder_activation);
      if (config_.skip_connections) {
        const Features& other = encoded[1 - i];
        features.sources.push_back(other.sources[0]);
        features.channels.push_back(other.channels[0]);
      }
    }
    add_output(features);
  }

 private:
  std::vector<float> values(const std::string& name) const {
    return model_.tensors.at(name).to_floats();
  }

  Filter filter(const std::string& name, int out, int in, int side) const {
    Filter result(out, in, side, side);
    result.values = values(name);
    return result;
  }

  /// The output of the stage added last.
  Features last(int channels) const {
    Source source;
    source.stage = static_cast<int>(stages_.size()) - 1;
    return {{source}, {channels}};
  }

  Features last(int channels, const std::string& activation, Activation kind) const {
    Features features = last(channels);
    Source& source = features.sources[0];
    switch (kind) {
      case Activation::kRelu:
        source.curve = Curve::kRelu;
        break;
      case Activation::kRelu6:
        source.curve = Curve::kRelu6;
        break;
      case Activation::kLeakyRelu:
        source.curve = Curve::kSlope;
        source.slope.assign(round_up(channels, kChannelBlock), kLeakySlope);
        break;
      case Activation::kPrelu:
        source.curve = Curve::kSlope;
        source.slope.assign(round_up(channels, kChannelBlock), values(activation + ".weight")[0]);
        break;
    }
    return features;
  }

  /// A stage that reads `features`, and the filter's input channel at each position of a pixel.
  std::pair<Stage, std::vector<int>> reading(const Features& features, const std::string& name) {
    Stage stage;
    stage.name = name;
    stage.sources = features.sources;
    std::vector<int> in_channels;
    int next = 0;
    for (const int channels : features.channels) {
      for (int c = 0; c < round_up(channels, kChannelBlock); ++c) {
        in_channels.push_back(c < channels ? next++ : -1);
      }
    }
    stage.in_channels = static_cast<int>(in_channels.size());
    return {std::move(stage), std::move(in_channels)};
  }

  static std::vector<Phase> one_phase() { return std::vector<Phase>(1); }

  static int total(const Features& features) {
    return std::accumulate(features.channels.begin(), features.channels.end(), 0);
  }

  void add_first(const std::string& name) {
    Stage stage;
    stage.name = name + ".conv";
    stage.in_channels = 3;
    stage.window = 9;
    stage.pad = 4;
    std::vector<Filter> filters = {filter(stage.name + ".weight", config_.base_channels, 3, 9)};
    finish(std::move(stage),
           name + ".norm",
           one_phase(),
           filters,
           bias(name + ".conv.bias"),
           {0, 1, 2});
  }

  void add_conv(const std::string& name,
                const std::string& norm,
                const Features& features,
                int out,
                int stride,
                Resample resample = Resample::kNone) {
    auto [stage, in_channels] = reading(features, name);
    stage.window = 3;
    stage.pad = 1;
    stage.stride = stride;
    stage.resample = resample;
    const int in = total(features);
    if (separable()) {
      std::vector<Phase> phases = one_phase();
      phases[0].depthwise = channels_last(depthwise_filter(name, in), in_channels);
      std::vector<Filter> filters = {filter(name + ".pointwise.weight", out, in, 1)};
      finish(std::move(stage),
             norm,
             std::move(phases),
             filters,
             bias(name + ".pointwise.bias"),
             in_channels);
    } else {
      std::vector<Filter> filters = {filter(name + ".weight", out, in, 3)};
      finish(std::move(stage), norm, one_phase(), filters, bias(name + ".bias"), in_channels);
    }
  }

  void add_upsampling(const std::string& name,
                      const std::string& norm,
                      const Features& features,
                      int out) {
    if (config_.upsample == Upsample::kBilinearConv) {
      return add_conv(name, norm, features, out, 1, Resample::kBilinear);
    }
    const bool nearest = config_.upsample == Upsample::kNearestConv;
    auto [stage, in_channels] = reading(features, name);
    stage.step = 2;
    std::vector<Phase> phases(4);
    std::vector<Filter> filters;
    const int in = total(features);
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 2; ++x) {
        Phase& phase = phases[y * 2 + x];
        phase.y = y;
        phase.x = x;
        switch (config_.upsample) {
          case Upsample::kTransposed: {
            const Filter stored = filter(name + ".weight", in, out, 3);
            Filter turned(out, in, 3, 3);
            for (int o = 0; o < out; ++o) {
              for (int i = 0; i < in; ++i) {
                for (int k = 0; k < 9; ++k)
                  turned.at(o, i, k / 3, k % 3) = stored.at(i, o, k / 3, k % 3);
              }
            }
            filters.push_back(transposed_phase(turned, y, x));
            break;
          }
          case Upsample::kPixelShuffle:
            filters.push_back(shuffle_phase(filter(name + ".weight", 4 * out, in, 3), y, x));
            break;
          default:
            if (separable()) {
              const Filter small = nearest_phase(depthwise_filter(name, in), y, x);
              phase.depthwise = channels_last(small, in_channels, y, x);
              filters.push_back(filter(name + ".pointwise.weight", out, in, 1));
            } else {
              phase.row = y;
              phase.column = x;
              filters.push_back(nearest_phase(filter(name + ".weight", out, in, 3), y, x));
            }
        }
      }
    }
    const bool transposed = config_.upsample == Upsample::kTransposed;
    stage.window = transposed ? 2 : 3;
    stage.pad = transposed ? 0 : 1;
    if (transposed) stage.padding = Padding::kZero;
    if (nearest) stage.padding = Padding::kReplicate;
    const std::string biased = nearest && separable() ? name + ".pointwise" : name;
    finish(std::move(stage), norm, std::move(phases), filters, bias(biased + ".bias"), in_channels);
  }

  void add_output(const Features& features) {
    auto [stage, in_channels] = reading(features, "output.conv");
    stage.path = Path::kOutput;
    stage.window = 9;
    stage.pad = 4;
    const Filter wide = rows_as_channels(filter("output.conv.weight", 3, total(features), 9));
    stage.out_channels = round_up(wide.out, kChannelBlock);
    Phase phase;
    phase.columns = 9;
    phase.weights = pack_direct(wide, in_channels, stage.out_channels, kernels_);
    phase.bias = values("output.conv.bias");
    stage.phases.push_back(std::move(phase));
    stages_.push_back(std::move(stage));
  }

  std::vector<float> bias(const std::string& name) const {
    return config_.norm == Norm::kNone ? values(name) : std::vector<float>();
  }

  bool separable() const { return config_.block == Block::kDepthwiseSeparable; }

  /// As [in][1][3][3]: a filter of one input channel for each output channel.
  Filter depthwise_filter(const std::string& name, int in) const {
    return filter(name + ".depthwise.weight", in, 1, 3);
  }

  /// A depthwise filter as [3][3][in_channels]; a smaller one lies at (row, column) among zeros.
  static std::vector<float> channels_last(const Filter& depthwise,
                                          const std::vector<int>& in_channels,
                                          int row = 0,
                                          int column = 0) {
    const std::size_t pixel = in_channels.size();
    std::vector<float> weights(9 * pixel);
    for (int y = 0; y < depthwise.rows; ++y) {
      for (int x = 0; x < depthwise.columns; ++x) {
        float* const tap = weights.data() + ((row + y) * 3 + column + x) * pixel;
        for (std::size_t c = 0; c < pixel; ++c) {
          if (in_channels[c] >= 0) tap[c] = depthwise.at(in_channels[c], 0, y, x);
        }
      }
    }
    return weights;
  }

  /// Folds or attaches the norm, packs the weights, and appends the stage. `bias` has an entry an
  /// output channel of the convolution as the model stores it.
  void finish(Stage stage,
              const std::string& norm,
              std::vector<Phase> phases,
              std::vector<Filter>& filters,
              std::vector<float> bias,
              const std::vector<int>& in_channels) {
    const int out = filters[0].out;
    stage.out_channels = round_up(out, kChannelBlock);
    if (config_.norm == Norm::kBatch) {
      bias = fold_batch_norm(norm, filters);
    } else if (config_.norm != Norm::kNone) {
      stage.norm_scale = padded_rows(values(norm + ".weight"), out, stage.out_channels);
      stage.norm_shift = padded_rows(values(norm + ".bias"), out, stage.out_channels);
    }
    // The 2x2 filters of nearest enlargement gain nothing from it.
    if (winograd_ && stage.stride == 1 && filters[0].rows == 3) {
      stage.path = Path::kWinograd;
    }
    for (std::size_t p = 0; p < phases.size(); ++p) {
      Phase& phase = phases[p];
      const Filter& f = filters[p];
      phase.rows = f.rows;
      phase.columns = f.columns;
      if (stage.path == Path::kWinograd) {
        phase.weights = pack_winograd(f, in_channels, stage.out_channels, kernels_);
        phase.point_size = phase.weights.size() / kWinogradPoints;
      } else {
        phase.weights = pack_direct(f, in_channels, stage.out_channels, kernels_);
      }
      if (!bias.empty()) {
        // Pixel shuffle interleaves the phases' channels.
        const bool shuffled = static_cast<int>(bias.size()) > out;
        phase.bias.resize(stage.out_channels);
        for (int o = 0; o < out; ++o) phase.bias[o] = shuffled ? bias[o * 4 + p] : bias[o];
      }
    }
    stage.phases = std::move(phases);
    stages_.push_back(std::move(stage));
  }

  /// Scales the filters and returns the bias.
  std::vector<float> fold_batch_norm(const std::string& norm, std::vector<Filter>& filters) const {
    const std::vector<float> weight = values(norm + ".weight");
    const std::vector<float> shift = values(norm + ".bias");
    const std::vector<float> mean = values(norm + ".running_mean");
    const std::vector<float> variance = values(norm + ".running_var");
    std::vector<float> bias(weight.size());
    for (std::size_t o = 0; o < weight.size(); ++o) {
      const double scale = weight[o] / std::sqrt(variance[o] + kEpsilon);
      bias[o] = static_cast<float>(shift[o] - mean[o] * scale);
      for (Filter& f : filters) {
        const std::size_t size = f.values.size() / f.out;
        for (std::size_t i = o * size; i < (o + 1) * size; ++i) {
          f.values[i] = static_cast<float>(f.values[i] * scale);
        }
      }
    }
    return bias;
  }

  static std::vector<float> padded_rows(const std::vector<float>& rows, int width, int padded) {
    const std::size_t count = rows.size() / width;
    std::vector<float> result(count * padded);
    for (std::size_t i = 0; i < rows.size(); ++i) result[i / width * padded + i % width] = rows[i];
    return result;
  }

  const StyleModel& model_;
  const GeneratorConfig& config_;
  const Kernels& kernels_;
  const bool winograd_;
  std::vector<Stage>& stages_;
};

}  // namespace

Network::Network(const StyleModel& model, const Kernels& kernels, bool winograd, bool wrap)
    : output(model.generator.output),
      styles(model.generator.styles),
      margin(wrap ? 0 : model.generator.margin) {
  Builder(model, kernels, winograd, stages).build();
  if (!wrap) return;
  if (model.generator.upsample == Upsample::kBilinearConv) {
    throw ConfigError(
        "seam_free: expected a model that enlarges otherwise than by bilinear_conv, which has no "
        "wrapped form here");
  }
  for (Stage& stage : stages) stage.padding = Padding::kWrap;
}

}  // namespace impasto::engine
