#include "impasto/interop/torchscript_writer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "impasto/interop/generator_walk.h"
#include "impasto/interop/zip_writer.h"

namespace impasto {
namespace {

/// A TorchScript file is a zip archive: the program in a Python-like text, a pickle of its one
/// object, and the tensors' bytes. https://pytorch.org/docs/stable/jit.html; the layout is
/// described in PyTorch's torch/csrc/jit/docs/serialization.md.
constexpr const char* kFolder = "generator/";
constexpr const char* kFileVersion = "3\n";

std::string attribute_of(std::string tensor) {
  std::ranges::replace(tensor, '.', '_');
  return tensor;
}

/// The lines of `forward`. Each layer's result is a variable of its own.
class CodeWriter {
 public:
  CodeWriter(const StyleModel& model, bool half)
      : model_(model), config_(model.generator), half_(half) {}

  std::string write() {
    std::string x = walk_generator(config_, *this, start());
    const std::string first = std::to_string(config_.margin);
    const auto shown = [&](const std::string& axis, const std::string& side) {
      return ", " + axis + ", " + first + ", " + side + " + " + first;
    };
    x = call("slice", x + shown("2", "height"));
    return lines_ + "    return " + call_text("slice", x + shown("3", "width")) + "\n";
  }

  // --- layers, for walk_generator ---

  std::string conv(const std::string& name, const std::string& x, int stride) {
    const auto whole = model_.tensors.find(name + ".weight");
    if (whole != model_.tensors.end()) {
      return plain_conv(name, x, stride, 1, whole->second.shape[2]);
    }
    const std::int64_t channels = model_.tensors.at(name + ".depthwise.weight").shape[0];
    const std::string y = plain_conv(name + ".depthwise", x, stride, channels, 3);
    return plain_conv(name + ".pointwise", y, 1, 1, 1);
  }

  std::string upsample(const std::string& name, const std::string& x) {
    const auto twice = [&x](const char* axis) { return call_text("size", x + axis) + " * 2"; };
    const std::string sides = x + ", [" + twice(", 2") + ", " + twice(", 3") + "]";
    switch (config_.upsample) {
      case Upsample::kNearestConv:
        return conv(name, call("upsample_nearest2d", sides + ", None, None"), 1);
      case Upsample::kBilinearConv:
        return conv(name, call("upsample_bilinear2d", sides + ", False, None, None"), 1);
      case Upsample::kTransposed:
        return call("conv_transpose2d",
                    x + ", " + weight(name + ".weight") + ", " + bias(name) +
                        ", [2, 2], [1, 1], [1, 1], 1, [1, 1]");
      case Upsample::kPixelShuffle:
        break;
    }
    return call("pixel_shuffle", conv(name, x, 1) + ", 2");
  }

  std::string norm(const std::string& name, const std::string& x) {
    const auto pair = [&] { return weight(name + ".weight") + ", " + weight(name + ".bias"); };
    constexpr const char* kOfThePicture = ", None, None, True, 0., 1e-05, False";
    switch (config_.norm) {
      case Norm::kNone:
        return x;
      case Norm::kInstance:
        return call("instance_norm", x + ", " + pair() + kOfThePicture);
      case Norm::kBatch:
        return call("batch_norm",
                    x + ", " + pair() + ", " + weight(name + ".running_mean") + ", " +
                        weight(name + ".running_var") + ", False, 0., 1e-05, False");
      case Norm::kConditionalInstance:
        break;
    }
    const std::string normed = call("instance_norm", x + ", None, None" + kOfThePicture);
    const auto mixed = [&](const std::string& part) {
      const std::string mix = call("matmul", "style_weights, " + weight(name + "." + part));
      return call("unsqueeze", call("unsqueeze", mix + ", 2") + ", 3");
    };
    const std::string scaled = call("mul", normed + ", " + mixed("weight"));
    return call("add", scaled + ", " + mixed("bias"));
  }

  std::string activate(const std::string& name, const std::string& x, Activation kind) {
    switch (kind) {
      case Activation::kRelu:
        return call("relu", x);
      case Activation::kLeakyRelu:
        return call("leaky_relu", x + ", 0.2");
      case Activation::kPrelu:
        return call("prelu", x + ", " + weight(name + ".weight"));
      case Activation::kRelu6:
        break;
    }
    return call("hardtanh", x + ", 0., 6.");
  }

  std::string add(const std::string&, const std::string& x, const std::string& y) {
    return call("add", x + ", " + y);
  }

  std::string join(const std::string&, const std::string& x, const std::string& skipped) {
    return call("cat", "[" + x + ", " + skipped + "], 1");
  }

  std::string to_pixels(const std::string& y) {
    switch (config_.output) {
      case Output::kLinear:
        return y;
      case Output::kSigmoid:
        return call("mul", call("sigmoid", y) + ", 255.");
      case Output::kTanh:
        break;
    }
    return call("add", call("mul", call("tanh", y) + ", 150.") + ", 127.5");
  }

 private:
  /// Mirrored by the margin and up to multiples of 4; centred where instance norm takes the
  /// constant out again, which leaves the first convolution's result more bits for contrast.
  std::string start() {
    lines_ =
        "    height = torch.size(image, 2)\n"
        "    width = torch.size(image, 3)\n";
    const std::string first = std::to_string(config_.margin);
    const auto behind = [&](const std::string& side) {
      const std::string both = std::to_string(2 * config_.margin);
      return first + " + (4 - (" + side + " + " + both + ") % 4) % 4";
    };
    const std::string x = call(
        "reflection_pad2d",
        "image, [" + first + ", " + behind("width") + ", " + first + ", " + behind("height") + "]");
    const bool centred =
        config_.norm == Norm::kInstance || config_.norm == Norm::kConditionalInstance;
    return centred ? call("sub", x + ", 128.") : x;
  }

  static std::string call_text(const std::string& function, const std::string& arguments) {
    return "torch." + function + "(" + arguments + ")";
  }

  /// A line that gives the result a name.
  std::string call(const std::string& function, const std::string& arguments) {
    const std::string name = "x" + std::to_string(count_++);
    lines_ += "    " + name + " = " + call_text(function, arguments) + "\n";
    return name;
  }

  std::string weight(const std::string& name) {
    const std::string attribute = "self." + attribute_of(name);
    constexpr const char* kFloat32 = ", 6";  // c10::ScalarType, which a program has as a number
    return half_ ? call_text("to", attribute + kFloat32) : attribute;
  }

  std::string bias(const std::string& name) {
    return model_.tensors.contains(name + ".bias") ? weight(name + ".bias") : "None";
  }

  std::string plain_conv(const std::string& name,
                         std::string x,
                         int stride,
                         std::int64_t groups,
                         std::int64_t kernel) {
    if (const std::string pad = std::to_string(kernel / 2); kernel > 1) {
      x = call("reflection_pad2d", x + ", [" + pad + ", " + pad + ", " + pad + ", " + pad + "]");
    }
    const std::string step = std::to_string(stride);
    return call("conv2d",
                x + ", " + weight(name + ".weight") + ", " + bias(name) + ", [" + step + ", " +
                    step + "], [0, 0], [1, 1], " + std::to_string(groups));
  }

  const StyleModel& model_;
  const GeneratorConfig& config_;
  bool half_;
  std::string lines_;
  int count_ = 0;
};

std::string program_of(const StyleModel& model, bool half) {
  std::string names, types;
  for (const auto& [name, tensor] : model.tensors) {
    const std::string attribute = attribute_of(name);
    names.append("\"").append(attribute).append("\", ");
    types.append("  ").append(attribute).append(" : Tensor\n");
  }
  const bool conditional = model.generator.norm == Norm::kConditionalInstance;
  return "class Generator(Module):\n"
         "  __parameters__ = []\n"
         "  __buffers__ = [" +
         names + "]\n" + types +
         "  training : bool\n"
         "  def forward(self: __torch__.Generator,\n"
         "    image: Tensor" +
         (conditional ? ",\n    style_weights: Tensor" : "") + ") -> Tensor:\n" +
         CodeWriter(model, half).write();
}

/// The pickle of an object with tensors as its attributes: what torch.save does, protocol 2.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string_view type) {
    pickle_ = "\x80\x02";
    global("__torch__", type);
    pickle_ += ")\x81}(";
  }

  void add(const std::string& name, const HostTensor& tensor, const std::string& key) {
    text(name);
    global("torch._utils", "_rebuild_tensor_v2");
    pickle_ += "((";
    text("storage");
    global("torch", tensor.dtype == DType::kFloat16 ? "HalfStorage" : "FloatStorage");
    text(key);
    text("cpu");
    number(tensor.numel());
    pickle_ += "tQ";
    number(0);
    tuple(tensor.shape);
    std::vector<std::int64_t> strides(tensor.shape.size(), 1);
    for (std::size_t axis = strides.size(); axis-- > 1;) {
      strides[axis - 1] = strides[axis] * tensor.shape[axis];
    }
    tuple(strides);
    pickle_ += '\x89';
    global("collections", "OrderedDict");
    pickle_ += ")RtR";
  }

  std::string finish() {
    text("training");
    return pickle_ + "\x89ub.";
  }

 private:
  template <class Number>
  void bytes(Number value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    pickle_.append(raw, sizeof value);
  }

  void text(std::string_view value) {
    pickle_ += 'X';
    bytes(static_cast<std::uint32_t>(value.size()));
    pickle_ += value;
  }

  void number(std::int64_t value) {
    pickle_ += "\x8a\x08";
    bytes(value);
  }

  void tuple(const std::vector<std::int64_t>& values) {
    pickle_ += '(';
    for (const std::int64_t value : values) number(value);
    pickle_ += 't';
  }

  void global(std::string_view module, std::string_view name) {
    pickle_ += 'c';
    pickle_.append(module).append("\n").append(name).append("\n");
  }

  std::string pickle_;
};

}  // namespace

std::vector<std::byte> to_torchscript(const StyleModel& model, bool half) {
  model.validate("model");
  const std::string folder = kFolder;
  std::map<std::string, std::string> entries = {
      {folder + "version", kFileVersion},
      {folder + "byteorder", "little"},
      {folder + "constants.pkl", "\x80\x02)."},
      {folder + "code/__torch__.py", program_of(model, half)}};
  ObjectWriter object("Generator");
  std::size_t count = 0;
  for (const auto& [name, values] : model.tensors) {
    const std::string key = std::to_string(count++);
    const HostTensor tensor = values.converted_to(half ? DType::kFloat16 : DType::kFloat32);
    object.add(attribute_of(name), tensor, key);
    entries[folder + "data/" + key] = {reinterpret_cast<const char*>(tensor.data.data()),
                                       tensor.data.size()};
  }
  entries[folder + "data.pkl"] = object.finish();
  return zip_stored(entries);
}

}  // namespace impasto
