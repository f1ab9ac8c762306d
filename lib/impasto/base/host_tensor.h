#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace impasto {

/// Element types of the safetensors format that Impasto reads and writes. Values are little-endian.
enum class DType { kBool, kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat16, kBFloat16, kFloat32, kFloat64 };

/// Bytes of one element.
std::size_t size_of(DType dtype);

/// The format's name for it: "F32", "BF16", "I64" and so on.
std::string_view name_of(DType dtype);

/// A dense row-major array in host memory.
struct HostTensor {
  DType dtype = DType::kFloat32;
  std::vector<std::int64_t> shape;  ///< Empty for a scalar.
  std::vector<std::byte> data;      ///< `numel() * size_of(dtype)` bytes.

  std::int64_t numel() const;

  static HostTensor from_floats(std::vector<std::int64_t> shape, const std::vector<float>& values);

  /// The values as float32, from any floating-point type. Throws FormatError for integers.
  std::vector<float> to_floats() const;

  /// The same values in another floating-point type, rounded to nearest even.
  HostTensor converted_to(DType target) const;
};

/// "[128,3,9,9]"
std::string shape_string(const std::vector<std::int64_t>& shape);

}  // namespace impasto
