#include "impasto/interop/foreign_style.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/style/parameters.h"

namespace impasto {
namespace {

using Shape = std::vector<std::int64_t>;

/// What a program makes of the channels of an RGB picture in [0,255]: its channel c is
/// scale[c] * rgb[from[c]] + shift[c].
struct PixelMap {
  std::array<std::size_t, 3> from = {0, 1, 2};
  std::array<double, 3> scale = {1, 1, 1};
  std::array<double, 3> shift = {0, 0, 0};
};

PixelMap pixel_map(Pixels pixels) {
  PixelMap map;
  switch (pixels) {
    case Pixels::kRgb255:
      break;
    case Pixels::kBgr255:
      map.from = {2, 1, 0};
      break;
    case Pixels::kRgb1:
      map.scale.fill(1.0 / 255);
      break;
    case Pixels::kImageNet:
      constexpr std::array<double, 3> kMean = {0.485, 0.456, 0.406};
      constexpr std::array<double, 3> kStd = {0.229, 0.224, 0.225};
      for (std::size_t c = 0; c < 3; ++c) {
        map.scale[c] = 1 / (255 * kStd[c]);
        map.shift[c] = -kMean[c] / kStd[c];
      }
      break;
  }
  return map;
}

std::string module_of(const std::string& tensor) { return tensor.substr(0, tensor.rfind('.')); }

class Assembler {
 public:
  Assembler(ForeignStyle style, const std::string& where, const ImportOptions& options)
      : style_(std::move(style)), where_(where), options_(options) {}

  ImportedStyle run() {
    recognize();
    check();
    for (auto& [name, tensor] : style_.tensors) {
      values_[name] = to_float32(name, tensor);
    }
    move_biases();
    fold_pixels();

    StyleModel model{config_, {options_.style}, {}, {{"imported", style_.program}}};
    for (const ParameterSpec& spec : parameter_specs(config_)) {
      model.tensors[spec.name] = HostTensor::from_floats(spec.shape, values_.at(spec.name));
    }
    model.validate(where_);
    return {std::move(model), style_.program};
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FormatError(where_ + ": " + what); }

  const Shape* shape_of(const std::string& name) const {
    const auto found = style_.tensors.find(name);
    return found == style_.tensors.end() ? nullptr : &found->second.values.shape;
  }

  std::string their_name(const std::string& name) const {
    const std::string module = module_of(name);
    const auto found = style_.names.find(module);
    return found == style_.names.end() ? name : found->second + name.substr(module.size());
  }

  /// The config that names and shapes speak for; `check` then finds what does not fit it.
  void recognize() {
    const Shape* first = shape_of("encoder.0.conv.weight");
    if (first == nullptr || first->size() != 4) {
      fail("expected the first convolution's weights, '" + their_name("encoder.0.conv.weight") +
           "', of four dimensions, found " + (first ? shape_string(*first) : "none"));
    }
    config_.base_channels = static_cast<int>(std::clamp<std::int64_t>((*first)[0], 1, 1024));
    config_.residual_blocks = 1;
    for (const auto& [ours, theirs] : style_.names) {
      int number = 0;
      if (std::sscanf(ours.c_str(), "residual.%d.", &number) == 1) {
        config_.residual_blocks = std::max(config_.residual_blocks, number + 1);
      }
    }
    const bool has_norm = shape_of("encoder.0.norm.weight") != nullptr;
    const bool has_statistics = shape_of("encoder.0.norm.running_mean") != nullptr;
    config_.norm = !has_norm ? Norm::kNone : has_statistics ? Norm::kBatch : Norm::kInstance;
    const std::int64_t base = config_.base_channels;
    if (const Shape* up = shape_of("decoder.0.conv.weight"); up != nullptr && up->size() == 4) {
      if ((*up)[0] == 4 * base && (*up)[1] == 2 * base) config_.upsample = Upsample::kTransposed;
      if ((*up)[0] == 8 * base && (*up)[1] == 4 * base) config_.upsample = Upsample::kPixelShuffle;
    }
    if (const Shape* last = shape_of("output.conv.weight"); last != nullptr && last->size() == 4) {
      config_.skip_connections = (*last)[1] == 2 * base;
    }
    config_.output = options_.output;
    config_.margin = options_.margin;
  }

  static std::string problem(std::string name, const std::string& expected, const Shape* found) {
    name.insert(0, 1, '\'');
    return name + "': " + expected + ", found " + (found ? shape_string(*found) : "none");
  }

  /// Every tensor that the generator has is there in its shape, and no other.
  void check() const {
    std::vector<std::string> problems;
    std::map<std::string, Shape> expected;
    for (const ParameterSpec& spec : parameter_specs(config_)) {
      expected[spec.name] = spec.shape;
      if (shape_of(spec.name) != nullptr) continue;
      problems.push_back(
          problem(their_name(spec.name), "expected " + shape_string(spec.shape), {}));
    }
    for (const auto& [name, tensor] : style_.tensors) {
      Shape shape;
      if (const auto spec = expected.find(name); spec != expected.end()) {
        shape = spec->second;
      } else if (is_dropped_bias(name)) {
        shape = {expected.at(norm_behind(name) + ".weight")[0]};
      } else {
        problems.push_back(problem(tensor.name, "not expected", &tensor.values.shape));
        continue;
      }
      if (tensor.values.shape != shape) {
        problems.push_back(
            problem(tensor.name, "expected " + shape_string(shape), &tensor.values.shape));
      }
    }
    for (const auto& [name, shape] : style_.strangers) {
      problems.push_back(problem(name, "not expected", &shape));
    }
    if (problems.empty()) return;
    constexpr std::size_t kMostLines = 40;
    const std::size_t count = problems.size();
    if (count > kMostLines) {
      problems.resize(kMostLines);
      problems.push_back("and " + std::to_string(count - kMostLines) + " more");
    }
    fail("recognised as the network of " + style_.program + ", but " + std::to_string(count) +
         (count == 1 ? " tensor does" : " tensors do") +
         " not fit Impasto's generator, so that this is another network than the one that can be "
         "imported:\n  " +
         join(problems, "\n  "));
  }

  /// The norm behind a convolution whose bias this is.
  static std::string norm_behind(const std::string& bias) {
    std::string module = module_of(bias);
    return module.replace(module.rfind("conv"), 4, "norm");
  }

  bool is_dropped_bias(const std::string& name) const {
    return config_.norm != Norm::kNone && name != "output.conv.bias" && name.ends_with(".bias") &&
           name.find(".conv") != std::string::npos;
  }

  std::vector<float> to_float32(const std::string& name, const ForeignTensor& tensor) const {
    try {
      return tensor.values.to_floats();
    } catch (const FormatError& error) {
      fail("tensor '" + tensor.name + "' (" + name + "): " + error.what());
    }
  }

  /// Batch norm takes a bias away with its mean; instance norm by itself.
  void move_biases() {
    if (config_.norm != Norm::kBatch) return;
    for (const auto& [name, values] : values_) {
      if (!is_dropped_bias(name)) continue;
      std::vector<float>& mean = values_.at(norm_behind(name) + ".running_mean");
      for (std::size_t c = 0; c < mean.size(); ++c) mean[c] -= values[c];
    }
  }

  void fold_pixels() {
    const Pixels pixels = options_.pixels.value_or(style_.pixels);
    const bool scaled = pixels == Pixels::kRgb1 || pixels == Pixels::kImageNet;
    if (scaled && config_.output != Output::kLinear) {
      throw ConfigError(
          "output: expected linear for a network whose pixels are not in 0..255, because tanh and "
          "sigmoid end in that range");
    }
    const PixelMap map = pixel_map(pixels);
    fold_input(map);
    fold_output(map);
  }

  /// Reflection keeps a constant what it is, so a shift of the input is a bias behind the first
  /// convolution.
  void fold_input(const PixelMap& map) {
    constexpr std::size_t kTaps = 81;
    std::vector<float>& weight = values_.at("encoder.0.conv.weight");
    const std::vector<float> before = weight;
    for (std::size_t out = 0; out < weight.size() / (3 * kTaps); ++out) {
      double bias = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        const float* from = before.data() + (3 * out + c) * kTaps;
        float* to = weight.data() + (3 * out + map.from[c]) * kTaps;
        for (std::size_t i = 0; i < kTaps; ++i) {
          to[i] = static_cast<float>(from[i] * map.scale[c]);
          bias += from[i] * map.shift[c];
        }
      }
      if (config_.norm == Norm::kNone) {
        values_.at("encoder.0.conv.bias")[out] += static_cast<float>(bias);
      } else if (config_.norm == Norm::kBatch) {
        values_.at("encoder.0.norm.running_mean")[out] -= static_cast<float>(bias);
      }
    }
  }

  void fold_output(const PixelMap& map) {
    std::vector<float>& weight = values_.at("output.conv.weight");
    std::vector<float>& bias = values_.at("output.conv.bias");
    const std::vector<float> old_weight = weight, old_bias = bias;
    const std::size_t count = weight.size() / 3;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t to = map.from[c];
      for (std::size_t i = 0; i < count; ++i) {
        weight[to * count + i] = static_cast<float>(old_weight[c * count + i] / map.scale[c]);
      }
      bias[to] = static_cast<float>((old_bias[c] - map.shift[c]) / map.scale[c]);
    }
  }

  ForeignStyle style_;
  const std::string& where_;
  const ImportOptions& options_;
  GeneratorConfig config_;
  std::map<std::string, std::vector<float>> values_;
};

}  // namespace

ImportedStyle assemble(ForeignStyle style, const std::string& where, const ImportOptions& options) {
  return Assembler(std::move(style), where, options).run();
}

}  // namespace impasto
