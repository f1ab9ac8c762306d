#include "impasto/interop/onnx_writer.h"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/json.h"
#include "impasto/interop/generator_walk.h"

namespace impasto {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr int kOldestOpset = 11;
constexpr int kNewestOpset = 17;
constexpr int kClipOpset =
    13;  // OpenCV, for which the older ones are, reads a Clip of opset 6 alone.
constexpr int kSmallestSide = 16;
constexpr float kEpsilon = 1e-5f;
constexpr float kLeakySlope = 0.2f;

/// Builds a graph node by node; values go by name.
class GraphWriter {
 public:
  GraphWriter(onnx::GraphProto& graph, const OnnxOptions& options)
      : graph_(graph), options_(options) {}

  /// A node of one result, which has its name; returns that.
  std::string add(const std::string& type,
                  const std::string& name,
                  const std::vector<std::string>& inputs) {
    node_ = graph_.add_node();
    node_->set_op_type(type);
    node_->set_name(name);
    for (const auto& input : inputs) node_->add_input(input);
    node_->add_output(name);
    return name;
  }

  // --- attributes of the last node ---

  void set(const std::string& name, std::int64_t value) {
    auto& attribute = add_attribute(name, onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  void set(const std::string& name, float value) {
    add_attribute(name, onnx::AttributeProto::FLOAT).set_f(value);
  }
  void set(const std::string& name, const std::string& value) {
    add_attribute(name, onnx::AttributeProto::STRING).set_s(value);
  }
  void set(const std::string& name, const Ints& values) {
    auto& attribute = add_attribute(name, onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }

  // --- constants ---

  std::string constant(const std::string& name, const Ints& values) {
    auto& tensor = add_tensor(name, onnx::TensorProto::INT64, {static_cast<int>(values.size())});
    tensor.set_raw_data(values.data(), values.size() * sizeof values[0]);
    return name;
  }

  std::string constant(const std::string& name,
                       const Ints& shape,
                       const std::vector<float>& values) {
    auto& tensor = add_tensor(name, onnx::TensorProto::FLOAT, shape);
    tensor.set_raw_data(values.data(), values.size() * sizeof values[0]);
    return name;
  }

  /// A weight: in float16 with a cast behind it where the options ask for that.
  std::string weight(const std::string& name, const Ints& shape, const std::vector<float>& values) {
    if (!options_.half) return constant(name, shape, values);
    const HostTensor half = HostTensor::from_floats(shape, values).converted_to(DType::kFloat16);
    auto& tensor = add_tensor(name, onnx::TensorProto::FLOAT16, shape);
    tensor.set_raw_data(half.data.data(), half.data.size());
    const std::string result = add("Cast", name + ".float32", {name});
    set("to", std::int64_t{onnx::TensorProto::FLOAT});
    return result;
  }

 private:
  onnx::AttributeProto& add_attribute(const std::string& name,
                                      onnx::AttributeProto::AttributeType type) {
    auto& attribute = *node_->add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

  onnx::TensorProto& add_tensor(const std::string& name,
                                onnx::TensorProto::DataType type,
                                const Ints& shape) {
    auto& tensor = *graph_.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t extent : shape) tensor.add_dims(extent);
    return tensor;
  }

  onnx::GraphProto& graph_;
  const OnnxOptions& options_;
  onnx::NodeProto* node_ = nullptr;
};

/// The layers of the generator; see docs/model_format.md.
class GeneratorWriter {
 public:
  GeneratorWriter(const StyleModel& model, const OnnxOptions& options, onnx::GraphProto& graph)
      : model_(model),
        config_(model.generator),
        options_(options),
        margin_(config_.margin),
        out_(graph, options) {}

  void write(const std::string& image, const std::string& styles, const std::string& result) {
    styles_ = styles;
    crop(walk_generator(config_, *this, centre(extend(image))), result);
  }

  // --- layers, for walk_generator ---

  /// Padded by reflection; the kernel's size follows from the weights.
  std::string conv(const std::string& name, const std::string& x, std::int64_t stride) {
    const HostTensor* whole = tensor(name + ".weight");
    if (whole != nullptr) return plain_conv(name, x, stride, 1, whole->shape[2]);
    const std::int64_t channels = model_.tensors.at(name + ".depthwise.weight").shape[0];
    const std::string y = plain_conv(name + ".depthwise", x, stride, channels, 3);
    return plain_conv(name + ".pointwise", y, 1, 1, 1);
  }

  std::string upsample(const std::string& name, const std::string& x) {
    switch (config_.upsample) {
      case Upsample::kNearestConv:
        return conv(name, resize(name, x, "nearest", "asymmetric"), 1);
      case Upsample::kBilinearConv:
        return conv(name, resize(name, x, "linear", "half_pixel"), 1);
      case Upsample::kTransposed:
        return transposed(name, x);
      case Upsample::kPixelShuffle:
        break;
    }
    const std::string packed = conv(name, x, 1);
    const std::string result = out_.add("DepthToSpace", name + ".unpacked", {packed});
    out_.set("blocksize", std::int64_t{2});
    out_.set("mode", std::string("CRD"));
    return result;
  }

  std::string norm(const std::string& name, const std::string& x) {
    switch (config_.norm) {
      case Norm::kNone:
        return x;
      case Norm::kConditionalInstance:
        return conditional_norm(name, x);
      case Norm::kInstance: {
        const std::vector<std::string> inputs = with_weights(name, x);
        const std::string result = out_.add("InstanceNormalization", name, inputs);
        out_.set("epsilon", kEpsilon);
        return result;
      }
      case Norm::kBatch:
        break;
    }
    std::vector<std::string> inputs = with_weights(name, x);
    inputs.push_back(weight(name + ".running_mean"));
    inputs.push_back(weight(name + ".running_var"));
    const std::string result = out_.add("BatchNormalization", name, inputs);
    out_.set("epsilon", kEpsilon);
    return result;
  }

  std::string activate(const std::string& name, const std::string& x, Activation kind) {
    switch (kind) {
      case Activation::kRelu:
        return out_.add("Relu", name, {x});
      case Activation::kLeakyRelu: {
        const std::string result = out_.add("LeakyRelu", name, {x});
        out_.set("alpha", kLeakySlope);
        return result;
      }
      case Activation::kPrelu:
        return out_.add("PRelu", name, {x, slopes(name)});
      case Activation::kRelu6:
        break;
    }
    if (options_.opset < kClipOpset) {
      const std::string six = out_.constant(name + ".six", {1}, {6.0f});
      const std::string above = out_.add("Sub", name + ".above", {x, six});
      const std::string excess = out_.add("Relu", name + ".excess", {above});
      return out_.add("Sub", name, {out_.add("Relu", name + ".positive", {x}), excess});
    }
    const std::string low = out_.constant(name + ".low", {}, {0.0f});
    const std::string high = out_.constant(name + ".high", {}, {6.0f});
    return out_.add("Clip", name, {x, low, high});
  }

  std::string add(const std::string& name, const std::string& x, const std::string& y) {
    return out_.add("Add", name, {x, y});
  }

  std::string join(const std::string& name, const std::string& x, const std::string& skipped) {
    const std::string result = out_.add("Concat", name, {x, skipped});
    out_.set("axis", std::int64_t{1});
    return result;
  }

  std::string to_pixels(const std::string& y) {
    const auto scaled = [&](const std::string& x, float factor) {
      return out_.add("Mul", "output.scaled", {x, out_.constant("output.scale", {1}, {factor})});
    };
    switch (config_.output) {
      case Output::kLinear:
        return y;
      case Output::kSigmoid:
        return scaled(out_.add("Sigmoid", "output.sigmoid", {y}), 255.0f);
      case Output::kTanh:
        break;
    }
    const std::string x = scaled(out_.add("Tanh", "output.tanh", {y}), 150.0f);
    return out_.add("Add", "output.shifted", {x, out_.constant("output.shift", {1}, {127.5f})});
  }

 private:
  const HostTensor* tensor(const std::string& name) const {
    const auto found = model_.tensors.find(name);
    return found == model_.tensors.end() ? nullptr : &found->second;
  }

  std::string weight(const std::string& name) {
    const HostTensor& values = model_.tensors.at(name);
    return out_.weight(name, values.shape, values.to_floats());
  }

  // --- the margin, and sides that are no multiples of 4 ---

  bool any_size() const { return options_.width == 0; }

  bool fits() const {
    return !any_size() && margin_ == 0 && options_.width % 4 == 0 && options_.height % 4 == 0;
  }

  /// The sides of a picture of any size, [2].
  std::string sides_of(const std::string& image) {
    return out_.add("Slice",
                    "size.sides",
                    {out_.add("Shape", "size.shape", {image}),
                     out_.constant("size.from", {2}),
                     out_.constant("size.to", {4})});
  }

  std::string extend(const std::string& image) {
    if (fits()) return image;
    std::string pads;
    if (any_size()) {
      const std::string sides = sides_of(image);
      const std::string four = out_.constant("size.four", {4});
      const std::string more = out_.constant("size.more", {2 * margin_ + 3});
      std::string up = out_.add("Add", "size.up", {sides, more});
      up = out_.add("Div", "size.quarters", {up, four});
      up = out_.add("Mul", "size.multiple", {up, four});
      ends_ = out_.add("Add", "size.ends", {sides, out_.constant("size.margin", {margin_})});
      const std::string behind = out_.add("Sub", "size.behind", {up, ends_});
      const std::string before = out_.constant("size.before", {0, 0, margin_, margin_, 0, 0});
      pads = out_.add("Concat", "size.pads", {before, behind});
      out_.set("axis", std::int64_t{0});
    } else {
      const auto behind = [this](int side) {
        const std::int64_t ends = side + margin_;
        return (ends + margin_ + 3) / 4 * 4 - ends;
      };
      pads = out_.constant(
          "size.pads",
          {0, 0, margin_, margin_, 0, 0, behind(options_.height), behind(options_.width)});
    }
    const std::string extended = out_.add("Pad", "size.extended", {image, pads});
    out_.set("mode", std::string("reflect"));
    return extended;
  }

  /// Instance norm takes a constant out again behind the first convolution; taken out before it,
  /// that convolution's result spends its few bits on contrast instead of brightness.
  std::string centre(const std::string& x) {
    if (config_.norm != Norm::kInstance && config_.norm != Norm::kConditionalInstance) return x;
    return out_.add("Sub", "image.centred", {x, out_.constant("image.middle", {1}, {128.0f})});
  }

  void crop(const std::string& x, const std::string& result) {
    if (fits()) {
      out_.add("Identity", result, {x});
      return;
    }
    const std::string ends =
        any_size()
            ? ends_
            : out_.constant("size.ends", {options_.height + margin_, options_.width + margin_});
    const std::string first = out_.constant("size.first", {margin_, margin_});
    out_.add("Slice", result, {x, first, ends, out_.constant("size.axes", {2, 3})});
  }

  // --- parts of layers ---

  std::string plain_conv(const std::string& name,
                         std::string x,
                         std::int64_t stride,
                         std::int64_t group,
                         std::int64_t kernel) {
    if (const std::int64_t pad = kernel / 2; pad > 0) {
      const std::string pads = out_.constant(name + ".pads", {0, 0, pad, pad, 0, 0, pad, pad});
      x = out_.add("Pad", name + ".padded", {x, pads});
      out_.set("mode", std::string("reflect"));
    }
    const std::vector<std::string> inputs = with_weights(name, x);
    const std::string result = out_.add("Conv", name, inputs);
    out_.set("kernel_shape", Ints{kernel, kernel});
    out_.set("strides", Ints{stride, stride});
    out_.set("group", group);
    return result;
  }

  std::vector<std::string> with_weights(const std::string& name, const std::string& x) {
    std::vector<std::string> inputs = {x, weight(name + ".weight")};
    if (tensor(name + ".bias") != nullptr) inputs.push_back(weight(name + ".bias"));
    return inputs;
  }

  std::string resize(const std::string& name,
                     const std::string& x,
                     const std::string& mode,
                     const std::string& coordinates) {
    const std::string roi = out_.constant(name + ".roi", {0}, std::vector<float>());
    const std::string scales = out_.constant(name + ".scales", {4}, {1, 1, 2, 2});
    const std::string result = out_.add("Resize", name + ".larger", {x, roi, scales});
    out_.set("mode", mode);
    out_.set("coordinate_transformation_mode", coordinates);
    if (mode == "nearest") out_.set("nearest_mode", std::string("floor"));
    return result;
  }

  std::string transposed(const std::string& name, const std::string& x) {
    const std::vector<std::string> inputs = with_weights(name, x);
    const std::string result = out_.add("ConvTranspose", name, inputs);
    out_.set("kernel_shape", Ints{3, 3});
    out_.set("strides", Ints{2, 2});
    out_.set("pads", Ints{1, 1, 1, 1});
    out_.set("output_padding", Ints{1, 1});
    return result;
  }

  /// Instance norm's own scale and shift are the same for every picture; these are not.
  std::string conditional_norm(const std::string& name, const std::string& x) {
    const std::int64_t channels = model_.tensors.at(name + ".weight").shape[1];
    const auto count = static_cast<std::size_t>(channels);
    const std::string ones =
        out_.constant(name + ".ones", {channels}, std::vector<float>(count, 1.0f));
    const std::string zeros =
        out_.constant(name + ".zeros", {channels}, std::vector<float>(count, 0.0f));
    const std::string normed =
        out_.add("InstanceNormalization", name + ".normed", {x, ones, zeros});
    out_.set("epsilon", kEpsilon);
    const std::string shape = out_.constant(name + ".shape", {-1, channels, 1, 1});
    const auto mixed = [&](const std::string& part) {
      const std::string rows = weight(name + "." + part);
      const std::string mix = out_.add("MatMul", name + "." + part + ".mix", {styles_, rows});
      return out_.add("Reshape", name + "." + part + ".mixed", {mix, shape});
    };
    const std::string scaled = out_.add("Mul", name + ".scaled", {normed, mixed("weight")});
    return out_.add("Add", name, {scaled, mixed("bias")});
  }

  /// One for each channel, as every reader takes them.
  std::string slopes(const std::string& name) {
    const std::string before = name.substr(0, name.rfind('.'));
    std::int64_t channels = config_.base_channels;
    if (before.starts_with("encoder.")) channels <<= before.back() - '0';
    if (before.starts_with("residual.")) channels *= 4;
    if (before == "decoder.0") channels *= 2;
    const float slope = model_.tensors.at(name + ".weight").to_floats()[0];
    return out_.weight(name + ".weight",
                       {channels, 1, 1},
                       std::vector<float>(static_cast<std::size_t>(channels), slope));
  }

  const StyleModel& model_;
  const GeneratorConfig& config_;
  const OnnxOptions& options_;
  const std::int64_t margin_;
  GraphWriter out_;
  std::string styles_;
  std::string ends_;  // Of the picture in what the network makes, [2].
};

void check(const OnnxOptions& options) {
  if (options.opset < kOldestOpset || options.opset > kNewestOpset) {
    throw ConfigError("opset: expected " + std::to_string(kOldestOpset) + " to " +
                      std::to_string(kNewestOpset) + ", found " + std::to_string(options.opset));
  }
  const bool any = options.width == 0 && options.height == 0;
  if (!any && (options.width < kSmallestSide || options.height < kSmallestSide)) {
    throw ConfigError("size: expected sides of at least " + std::to_string(kSmallestSide) +
                      ", found " + std::to_string(options.width) + "x" +
                      std::to_string(options.height));
  }
}

/// A dimension of a number, or, below 1, of a name.
using Extent = std::pair<std::int64_t, std::string>;

void describe(onnx::ValueInfoProto& value,
              const std::string& name,
              const std::vector<Extent>& shape) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const auto& [extent, words] : shape) {
    auto& dimension = *type.mutable_shape()->add_dim();
    if (extent > 0) {
      dimension.set_dim_value(extent);
    } else {
      dimension.set_dim_param(words);
    }
  }
}

void add_metadata(onnx::ModelProto& proto, const std::string& key, const std::string& value) {
  auto& entry = *proto.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

}  // namespace

std::vector<std::byte> to_onnx(const StyleModel& model, const OnnxOptions& options) {
  model.validate("model");
  check(options);
  onnx::ModelProto proto;
  // The oldest that allows the opset: 6 came with opset 11, 8 with opset 15.
  proto.set_ir_version(options.opset < 15 ? 6 : 8);
  proto.set_producer_name("Impasto");
  auto& opset = *proto.add_opset_import();
  opset.set_domain("");
  opset.set_version(options.opset);
  add_metadata(proto, "impasto.generator", to_json(model.generator));
  add_metadata(proto, "impasto.styles", to_text(Json(model.styles), "style names"));

  onnx::GraphProto& graph = *proto.mutable_graph();
  graph.set_name("generator");
  graph.set_doc_string("Style transfer network: RGB pictures from 0 to 255, in and out");
  const Extent batch = {options.width > 0 ? 1 : 0, "batch"};
  const std::vector<Extent> picture = {
      batch, {3, ""}, {options.height, "height"}, {options.width, "width"}};
  describe(*graph.add_input(), "image", picture);
  const bool conditional = model.generator.norm == Norm::kConditionalInstance;
  if (conditional) {
    describe(*graph.add_input(), "style_weights", {batch, {model.generator.styles, ""}});
  }
  describe(*graph.add_output(), "stylized", picture);
  GeneratorWriter(model, options, graph).write("image", "style_weights", "stylized");

  std::string text;
  if (!proto.SerializeToString(&text)) {
    throw ConfigError("model: expected less than 2 GiB, which is all that an ONNX file can hold");
  }
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace impasto
