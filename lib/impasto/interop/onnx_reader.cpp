// Recognises the network in an ONNX graph by walking it from its input to its output.

#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/interop/foreign_style.h"
#include "impasto/interop/import_model.h"
#include "impasto/interop/onnx_arithmetic.h"
#include "impasto/interop/onnx_reader.h"

namespace impasto {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr float kEpsilon = 1e-5f;

/// A convolution and what stands around it.
struct Step {
  const onnx::NodeProto* conv = nullptr;
  std::int64_t pad = 0;  ///< By reflection, on each side.
  bool upsampled = false;
  const onnx::NodeProto* norm = nullptr;
  bool relu = false;
  std::string before;  ///< The value that it starts from.
  std::string added;   ///< The value that is added behind it; empty: none.
};

class GraphReader {
 public:
  GraphReader(const onnx::GraphProto& graph, const std::string& where)
      : graph_(graph), where_(where), arithmetic_(graph, where) {
    for (const auto& node : graph.node()) {
      if (node.op_type() == "Shape") continue;  // It reads no pixels.
      for (const auto& input : node.input()) readers_[input].push_back(&node);
    }
  }

  ForeignStyle read() {
    const std::vector<Step> steps = walk();
    constexpr std::size_t kOthers = 6;  // three to encode, two to decode, the last
    if (steps.size() < kOthers + 2 || steps.size() % 2 != 0) {
      fail("expected three convolutions, two in each residual block and three more, found " +
           std::to_string(steps.size()));
    }
    style_.program = "an ONNX file";
    style_.pixels = Pixels::kRgb255;
    const std::size_t blocks = (steps.size() - kOthers) / 2;
    auto step = steps.begin();
    for (int i = 0; i < 3; ++i, ++step) {
      const std::string stage = "encoder." + std::to_string(i);
      require(*step, {.kernel = i == 0 ? 9 : 3, .stride = i == 0 ? 1 : 2});
      take(*step, stage + ".conv", stage + ".norm");
    }
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::string start = step->before;
      for (int k = 1; k <= 2; ++k, ++step) {
        require(*step, {.relu = k == 1, .added = k == 1 ? "" : start});
        const std::string block = "residual." + std::to_string(i);
        take(*step, block + ".conv" + std::to_string(k), block + ".norm" + std::to_string(k));
      }
    }
    for (int i = 0; i < 2; ++i, ++step) {
      const std::string stage = "decoder." + std::to_string(i);
      require(*step, {.doubles = true});
      take(*step, stage + ".conv", stage + ".norm");
    }
    require(*step, {.kernel = 9, .relu = false, .norm = false});
    take(*step, "output.conv", "");
    return std::move(style_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FormatError(where_ + ": " + what); }

  [[noreturn]] void fail(const onnx::NodeProto& node, const std::string& what) const {
    fail(node.op_type() + " '" + (node.name().empty() ? output_of(node) : node.name()) +
         "': " + what);
  }

  std::string output_of(const onnx::NodeProto& node) const {
    if (node.output_size() == 0) fail("a " + node.op_type() + " without a result");
    return node.output(0);
  }

  std::string input_of(const onnx::NodeProto& node, int index) const {
    if (node.input_size() <= index) {
      fail(node, "expected " + std::to_string(index + 1) + " inputs or more");
    }
    return node.input(index);
  }

  // --- the walk ---

  std::vector<Step> walk() {
    std::string at = picture();
    std::vector<Step> steps;
    Step step = starting_at(at);
    arithmetic_.set_shape(at, {1, 1, height_, width_});
    for (const onnx::NodeProto* node = next(at); node != nullptr; node = next(at)) {
      if (!seen_.insert(node).second) fail(*node, "expected a graph without circles");
      const std::string& op = node->op_type();
      if (op == "Pad") {
        step.pad = reflected(*node);
        resize([&](std::int64_t side) { return side + 2 * step.pad; });
      } else if (op == "Upsample" || op == "Resize") {
        require_doubling(*node);
        step.upsampled = true;
        resize([](std::int64_t side) { return 2 * side; });
      } else if (op == "Conv" || op == "ConvTranspose") {
        if (step.conv != nullptr) finish(steps, step, at);
        step.conv = node;
        resize_by_conv(*node);
      } else if (op == "InstanceNormalization" || op == "BatchNormalization") {
        step.norm = node;
      } else if (op == "Relu") {
        step.relu = true;
      } else if (op == "Add") {
        step.added = input_of(*node, 0) == at ? input_of(*node, 1) : input_of(*node, 0);
      } else if (op != "Identity") {
        fail(*node, "an operator that the network of pytorch/examples does not have");
      }
      at = output_of(*node);
      arithmetic_.set_shape(at, {1, 1, height_, width_});
      // What pads or resizes, or follows an addition, begins the next step.
      const onnx::NodeProto* following = next(at);
      const bool begins = following != nullptr &&
                          (following->op_type() == "Pad" || following->op_type() == "Upsample" ||
                           following->op_type() == "Resize");
      if (step.conv != nullptr && begins) finish(steps, step, at);
    }
    if (step.conv != nullptr) finish(steps, step, at);
    return steps;
  }

  static Step starting_at(const std::string& value) {
    Step step;
    step.before = value;
    return step;
  }

  static void finish(std::vector<Step>& steps, Step& step, const std::string& at) {
    steps.push_back(step);
    step = starting_at(at);
  }

  /// The input that is no weight; its sides are remembered where it has them.
  std::string picture() {
    const onnx::ValueInfoProto* found = nullptr;
    for (const auto& input : graph_.input()) {
      if (arithmetic_.constant(input.name()) != nullptr) continue;
      if (found != nullptr) fail("expected one picture as input, found two");
      found = &input;
    }
    if (found == nullptr) fail("expected a picture as input, found none");
    const auto& shape = found->type().tensor_type().shape();
    const auto side = [&](int axis) {
      constexpr std::int64_t kAnySide = 64;
      const bool given = shape.dim_size() == 4 && shape.dim(axis).dim_value() > 0;
      return given ? shape.dim(axis).dim_value() : kAnySide;
    };
    height_ = side(2);
    width_ = side(3);
    return found->name();
  }

  /// Follows what a layer does to the sides.
  template <class Change>
  void resize(const Change& change) {
    constexpr std::int64_t kLongest = 1'000'000;
    for (std::int64_t* side : {&height_, &width_}) {
      if (*side < 1 || *side > kLongest) fail("expected pictures with sides from 1 to 1000000");
      *side = change(*side);
    }
  }

  void resize_by_conv(const onnx::NodeProto& conv) {
    if (conv.op_type() == "ConvTranspose") {
      resize([](std::int64_t side) { return 2 * side; });
      return;
    }
    const Ints strides = ints(conv, "strides", {1, 1}), kernel = ints(conv, "kernel_shape", {3, 3});
    if (strides.empty() || strides[0] < 1 || strides[0] > 2 || kernel.empty() || kernel[0] < 1 ||
        kernel[0] > 9) {
      fail(conv, "expected strides of 1 or 2 and kernels of up to 9");
    }
    resize([&](std::int64_t side) { return (side - kernel[0]) / strides[0] + 1; });
  }

  /// What reads a value, but for the addition at the end of a residual block that starts there.
  const onnx::NodeProto* next(const std::string& value) const {
    const auto found = readers_.find(value);
    if (found == readers_.end()) return nullptr;
    std::vector<const onnx::NodeProto*> readers;
    for (const auto* node : found->second) {
      if (node->op_type() != "Add" || found->second.size() == 1) readers.push_back(node);
    }
    if (readers.size() != 1) {
      fail("value '" + value + "': expected one layer that reads it, found " +
           std::to_string(readers.size()));
    }
    return readers[0];
  }

  // --- attributes and constants ---

  const onnx::AttributeProto* attribute(const onnx::NodeProto& node, const char* name) const {
    for (const auto& candidate : node.attribute()) {
      if (candidate.name() == name) return &candidate;
    }
    return nullptr;
  }

  Ints ints(const onnx::NodeProto& node, const char* name, const Ints& otherwise) const {
    const auto* found = attribute(node, name);
    return found == nullptr ? otherwise : Ints(found->ints().begin(), found->ints().end());
  }

  const onnx::TensorProto& constant(const onnx::NodeProto& node, int input) const {
    const auto* found = arithmetic_.constant(input_of(node, input));
    if (found == nullptr) {
      fail(node, "expected a constant as input " + std::to_string(input + 1));
    }
    return *found;
  }

  /// The same number on all four sides.
  std::int64_t reflected(const onnx::NodeProto& node) const {
    const auto* mode = attribute(node, "mode");
    if (mode == nullptr || mode->s() != "reflect") {
      fail(node,
           "expected padding by reflection, found '" +
               (mode == nullptr ? std::string("constant") : mode->s()) + "'");
    }
    Ints pads = ints(node, "pads", {});
    if (pads.empty() && node.input_size() > 1) {
      const HostTensor values = to_host_tensor(constant(node, 1), where_);
      if (values.dtype != DType::kInt64) fail(node, "expected whole numbers of pixels");
      pads.resize(values.data.size() / sizeof(std::int64_t));
      if (!pads.empty()) std::memcpy(pads.data(), values.data.data(), values.data.size());
    }
    if (pads.size() != 8 || pads != Ints{0, 0, pads[2], pads[2], 0, 0, pads[2], pads[2]}) {
      fail(node, "expected the same padding on all four sides, found " + shape_string(pads));
    }
    return pads[2];
  }

  /// Nearest neighbours, twice as many in height and width. The factors stand there, or are
  /// computed from the sides before and after.
  void require_doubling(const onnx::NodeProto& node) {
    const auto* mode = attribute(node, "mode");
    if (mode != nullptr && mode->s() != "nearest") {
      fail(node, "expected nearest neighbours, found '" + mode->s() + "'");
    }
    std::vector<double> scales;
    if (const auto* found = attribute(node, "scales")) {
      scales.assign(found->floats().begin(), found->floats().end());
    } else {
      scales = arithmetic_.evaluate(input_of(node, node.input_size() > 2 ? 2 : 1));
    }
    if (scales != std::vector<double>{1, 1, 2, 2}) fail(node, "expected a factor of 2");
  }

  // --- what a step has to be ---

  struct Wanted {
    std::int64_t kernel = 3;
    std::int64_t stride = 1;
    bool relu = true;
    bool norm = true;
    bool doubles = false;
    std::string added = {};
  };

  void require(const Step& step, const Wanted& wanted) const {
    const onnx::NodeProto& conv = *step.conv;
    const auto expect = [&](bool holds, const std::string& what) {
      if (!holds) fail(conv, "expected " + what);
    };
    const bool transposed = conv.op_type() == "ConvTranspose";
    const std::int64_t stride = transposed ? 2 : wanted.stride;
    const std::int64_t kernel = wanted.kernel;
    expect(transposed ? wanted.doubles && !step.upsampled : step.upsampled == wanted.doubles,
           wanted.doubles ? "to double the resolution" : "to keep the resolution");
    expect(ints(conv, "strides", {1, 1}) == Ints{stride, stride},
           "a stride of " + std::to_string(stride));
    expect(ints(conv, "dilations", {1, 1}) == Ints{1, 1}, "no dilation");
    const auto* group = attribute(conv, "group");
    expect(group == nullptr || group->i() == 1, "one group");
    if (transposed) {
      expect(ints(conv, "pads", {}) == Ints{1, 1, 1, 1} &&
                 ints(conv, "output_padding", {}) == Ints{1, 1} && step.pad == 0,
             "a padding of 1 and an output padding of 1");
    } else {
      expect(ints(conv, "pads", {0, 0, 0, 0}) == Ints{0, 0, 0, 0} && step.pad == kernel / 2,
             "a padding of " + std::to_string(kernel / 2) + " by reflection in front of it");
    }
    expect(step.relu == wanted.relu, wanted.relu ? "a Relu behind it" : "no Relu behind it");
    expect(wanted.norm || step.norm == nullptr, "no norm behind it");
    expect(step.added == wanted.added,
           wanted.added.empty() ? "nothing added behind it"
                                : "the start of its residual block added behind it");
    if (step.norm != nullptr) {
      const auto* epsilon = attribute(*step.norm, "epsilon");
      if (epsilon != nullptr && !(std::abs(epsilon->f() - kEpsilon) < kEpsilon / 10)) {
        fail(*step.norm, "expected an epsilon of 1e-5");
      }
    }
  }

  /// "conv1.conv2d" of "conv1.conv2d.weight"; other names, such as numbers, as they are.
  static std::string module_of(const std::string& weight) {
    constexpr std::string_view kEnd = ".weight";
    return weight.ends_with(kEnd) ? weight.substr(0, weight.size() - kEnd.size()) : weight;
  }

  void place(const onnx::NodeProto& node, int input, const std::string& name) {
    const onnx::TensorProto& proto = constant(node, input);
    style_.tensors[name] = {input_of(node, input), to_host_tensor(proto, where_)};
  }

  void take(const Step& step, const std::string& conv, const std::string& norm) {
    style_.names[conv] = module_of(input_of(*step.conv, 1));
    place(*step.conv, 1, conv + ".weight");
    if (step.conv->input_size() > 2) place(*step.conv, 2, conv + ".bias");
    if (step.norm == nullptr) return;
    style_.names[norm] = module_of(input_of(*step.norm, 1));
    place(*step.norm, 1, norm + ".weight");
    place(*step.norm, 2, norm + ".bias");
    if (step.norm->op_type() == "BatchNormalization") {
      place(*step.norm, 3, norm + ".running_mean");
      place(*step.norm, 4, norm + ".running_var");
    }
  }

  const onnx::GraphProto& graph_;
  const std::string& where_;
  OnnxArithmetic arithmetic_;
  std::int64_t height_ = 0;
  std::int64_t width_ = 0;
  std::map<std::string, std::vector<const onnx::NodeProto*>> readers_;
  std::set<const onnx::NodeProto*> seen_;
  ForeignStyle style_;
};

}  // namespace

ImportedStyle parse_onnx_style(std::span<const std::byte> bytes,
                               const std::string& name,
                               const ImportOptions& options) {
  onnx::ModelProto model;
  if (bytes.size() > static_cast<std::size_t>(INT32_MAX) ||
      !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph()) {
    throw FormatError(name + ": expected an ONNX model, found something else");
  }
  return assemble(GraphReader(model.graph(), name).read(), name, options);
}

ImportedStyle import_onnx_style(const std::filesystem::path& path, const ImportOptions& options) {
  return parse_onnx_style(read_file(path), path.string(), options);
}

}  // namespace impasto
