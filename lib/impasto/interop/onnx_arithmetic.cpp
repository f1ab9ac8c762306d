#include "impasto/interop/onnx_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {
namespace {

constexpr std::size_t kMostNumbers = 16;
constexpr int kDeepest = 100;

std::vector<double> numbers_of(const HostTensor& tensor) {
  if (tensor.dtype == DType::kInt64) {
    std::vector<std::int64_t> values(tensor.data.size() / sizeof(std::int64_t));
    if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return {values.begin(), values.end()};
  }
  const std::vector<float> values = tensor.to_floats();
  return {values.begin(), values.end()};
}

std::vector<double> ints_of(const onnx::NodeProto& node, const std::string& name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return {attribute.ints().begin(), attribute.ints().end()};
  }
  return {};
}

/// As ONNX counts: from the end where it is below 0.
std::size_t position(double index, std::size_t size) {
  const auto count = static_cast<double>(size);
  if (!std::isfinite(index)) return size;
  return static_cast<std::size_t>(std::clamp(index < 0 ? index + count : index, 0.0, count));
}

}  // namespace

HostTensor to_host_tensor(const onnx::TensorProto& proto, const std::string& where) {
  const auto wrong = [&](const std::string& what) {
    throw FormatError(where + ": tensor '" + proto.name() + "': " + what);
  };
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    wrong("its values are in another file; save the model as one file");
  }
  HostTensor result;
  std::uint64_t count = 1;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31;  // protobuf's own limit
  for (const std::int64_t extent : proto.dims()) {
    if (extent < 0 || (extent != 0 && count > kMost / static_cast<std::uint64_t>(extent))) {
      wrong("its shape makes no sense");
    }
    count *= static_cast<std::uint64_t>(extent);
    result.shape.push_back(extent);
  }
  const auto copy = [&](const void* from, std::size_t size) {
    if (size != count * size_of(result.dtype)) {
      wrong("expected " + std::to_string(count) + " values, found " +
            std::to_string(size / size_of(result.dtype)));
    }
    result.data.resize(size);
    if (size != 0) std::memcpy(result.data.data(), from, size);
  };
  switch (proto.data_type()) {
    case onnx::TensorProto::FLOAT:
      result.dtype = DType::kFloat32;
      break;
    case onnx::TensorProto::FLOAT16:
      result.dtype = DType::kFloat16;
      break;
    case onnx::TensorProto::DOUBLE:
      result.dtype = DType::kFloat64;
      break;
    case onnx::TensorProto::INT64:
      result.dtype = DType::kInt64;
      break;
    default:
      wrong("expected FLOAT, FLOAT16, DOUBLE or INT64");
  }
  const auto bytes = [](const auto& values) {
    return static_cast<std::size_t>(values.size()) * sizeof values.Get(0);
  };
  if (proto.has_raw_data()) {
    copy(proto.raw_data().data(), proto.raw_data().size());
  } else if (result.dtype == DType::kFloat32) {
    copy(proto.float_data().data(), bytes(proto.float_data()));
  } else if (result.dtype == DType::kFloat64) {
    copy(proto.double_data().data(), bytes(proto.double_data()));
  } else if (result.dtype == DType::kInt64) {
    copy(proto.int64_data().data(), bytes(proto.int64_data()));
  } else {
    wrong("expected its values as raw data");
  }
  return result;
}

OnnxArithmetic::OnnxArithmetic(const onnx::GraphProto& graph, const std::string& where)
    : where_(where) {
  for (const auto& tensor : graph.initializer()) constants_[tensor.name()] = &tensor;
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) makers_[output] = &node;
    if (node.op_type() != "Constant" || node.output_size() != 1) continue;
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == "value") constants_[node.output(0)] = &attribute.t();
    }
  }
}

const onnx::TensorProto* OnnxArithmetic::constant(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? nullptr : found->second;
}

void OnnxArithmetic::set_shape(const std::string& name, const std::vector<std::int64_t>& shape) {
  shapes_[name] = Numbers(shape.begin(), shape.end());
}

const std::vector<double>& OnnxArithmetic::evaluate(const std::string& name) {
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  if (depth_ == kDeepest) fail("value '" + name + "' is computed in too many steps");
  Numbers result;
  if (const onnx::TensorProto* found = constant(name)) {
    result = numbers_of(to_host_tensor(*found, where_));
  } else {
    const auto maker = makers_.find(name);
    if (maker == makers_.end()) fail("expected the value '" + name + "', found none");
    ++depth_;
    result = compute(*maker->second);
    --depth_;
  }
  if (result.size() > kMostNumbers) {
    fail("value '" + name + "': expected at most " + std::to_string(kMostNumbers) + " numbers");
  }
  return known_[name] = std::move(result);
}

void OnnxArithmetic::fail(const std::string& what) const {
  throw FormatError(where_ + ": " + what);
}

const std::vector<double>& OnnxArithmetic::input(const onnx::NodeProto& node, int index) {
  if (index >= node.input_size()) {
    fail(node.op_type() + " '" + node.name() + "': expected more inputs");
  }
  return evaluate(node.input(index));
}

std::vector<double> OnnxArithmetic::compute(const onnx::NodeProto& node) {
  const std::string& op = node.op_type();
  if (op == "Shape") {
    const auto found = node.input_size() == 1 ? shapes_.find(node.input(0)) : shapes_.end();
    if (found == shapes_.end()) fail("Shape '" + node.name() + "': of a value that is not known");
    return found->second;
  }
  // Numbers have at most one dimension here, so that these change nothing.
  if (op == "Unsqueeze" || op == "Squeeze" || op == "Cast" || op == "Identity") {
    return input(node, 0);
  }
  if (op == "Floor") {
    Numbers result = input(node, 0);
    for (double& number : result) number = std::floor(number);
    return result;
  }
  if (op == "Gather") {
    Numbers result;
    const Numbers from = input(node, 0);
    for (const double index : input(node, 1)) {
      const std::size_t at = position(index, from.size());
      if (at >= from.size()) fail("Gather '" + node.name() + "': beyond the end");
      result.push_back(from[at]);
    }
    return result;
  }
  if (op == "Concat") {
    Numbers result;
    for (int i = 0; i < node.input_size(); ++i) {
      const Numbers& part = input(node, i);
      if (result.size() + part.size() > kMostNumbers)
        fail("Concat '" + node.name() + "': too long");
      result.insert(result.end(), part.begin(), part.end());
    }
    return result;
  }
  if (op == "Slice") return slice(node);
  return elementwise(node);
}

/// Of opset 9 and before, with attributes, and of later ones, with inputs.
std::vector<double> OnnxArithmetic::slice(const onnx::NodeProto& node) {
  const Numbers from = input(node, 0);
  const Numbers starts = node.input_size() > 1 ? input(node, 1) : ints_of(node, "starts");
  const Numbers ends = node.input_size() > 2 ? input(node, 2) : ints_of(node, "ends");
  if (starts.size() != 1 || ends.size() != 1)
    fail("Slice '" + node.name() + "': expected one axis");
  const std::size_t first = position(starts[0], from.size());
  const std::size_t last = std::max(first, position(ends[0], from.size()));
  return {from.begin() + static_cast<std::ptrdiff_t>(first),
          from.begin() + static_cast<std::ptrdiff_t>(last)};
}

std::vector<double> OnnxArithmetic::elementwise(const onnx::NodeProto& node) {
  const std::string& op = node.op_type();
  if (op != "Mul" && op != "Div" && op != "Add" && op != "Sub") {
    fail(op + " '" + node.name() + "': expected factors, found what cannot be worked out");
  }
  const Numbers a = input(node, 0), b = input(node, 1);
  const std::size_t size = std::max(a.size(), b.size());
  const auto fits = [size](const Numbers& numbers) {
    return numbers.size() == 1 || numbers.size() == size;
  };
  if (!fits(a) || !fits(b)) fail(op + " '" + node.name() + "': expected lists of one length");
  Numbers result;
  for (std::size_t i = 0; i < size; ++i) {
    const double x = a[a.size() == 1 ? 0 : i], y = b[b.size() == 1 ? 0 : i];
    result.push_back(op == "Mul" ? x * y : op == "Div" ? x / y : op == "Add" ? x + y : x - y);
  }
  return result;
}

}  // namespace impasto
