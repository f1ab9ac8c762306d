#pragma once

// Private: not installed.

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "impasto/base/host_tensor.h"

namespace impasto {

/// The values of a constant. Throws FormatError that starts with `where`: for another type than
/// FLOAT, FLOAT16, DOUBLE and INT64, a number of values that is not the shape's, and values in
/// another file.
HostTensor to_host_tensor(const onnx::TensorProto& proto, const std::string& where);

/// What older PyTorch exports compute beside the network from the sizes of pictures: the factors of
/// an Upsample, through Shape, Gather, Mul, Floor, Div, Concat and the like. Works them out in
/// numbers.
class OnnxArithmetic {
 public:
  /// Both outlive the object.
  OnnxArithmetic(const onnx::GraphProto& graph, const std::string& where);

  /// The constant of that name; null where there is none.
  const onnx::TensorProto* constant(const std::string& name) const;

  /// Says what Shape of the value `name` is. To be called before `evaluate`.
  void set_shape(const std::string& name, const std::vector<std::int64_t>& shape);

  /// The numbers of the value `name`, of at most one dimension. Throws FormatError for what is not
  /// computed from constants and known shapes, or by other operators.
  const std::vector<double>& evaluate(const std::string& name);

 private:
  using Numbers = std::vector<double>;

  [[noreturn]] void fail(const std::string& what) const;
  Numbers compute(const onnx::NodeProto& node);
  Numbers slice(const onnx::NodeProto& node);
  Numbers elementwise(const onnx::NodeProto& node);
  const Numbers& input(const onnx::NodeProto& node, int index);

  const std::string& where_;
  std::map<std::string, const onnx::TensorProto*> constants_;
  std::map<std::string, const onnx::NodeProto*> makers_;
  std::map<std::string, Numbers> shapes_;
  std::map<std::string, Numbers> known_;
  int depth_ = 0;
};

}  // namespace impasto
