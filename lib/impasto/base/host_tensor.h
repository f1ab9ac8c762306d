#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace impasto {

/// Element types of the safetensors format that Impasto reads and writes. Values are little-endian.
enum class DType {
  kBool,
  kUInt8,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFloat16,
  kBFloat16,
  kFloat32,
  kFloat64
};

/// Bytes of one element.
std::size_t size_of(DType dtype);

/// The format's name for it: "F32", "BF16", "I64" and so on.
std::string_view name_of(DType dtype);

/// The reverse of `name_of`; nothing for a name that is none of ours.
std::optional<DType> dtype_named(std::string_view name);

/// A dense row-major array in host memory.
struct HostTensor {
  DType dtype = DType::kFloat32;    ///< Of the elements.
  std::vector<std::int64_t> shape;  ///< Empty for a scalar.
  std::vector<std::byte> data;      ///< `numel() * size_of(dtype)` bytes.

  /// Number of elements: the product of `shape`, 1 for a scalar.
  std::int64_t numel() const;

  /// float32. Throws ConfigError unless `values` has as many numbers as `shape` holds.
  static HostTensor from_floats(std::vector<std::int64_t> shape, const std::vector<float>& values);

  /// The values as float32, from any floating-point type. Throws FormatError for integers.
  std::vector<float> to_floats() const;

  /// The same values in another floating-point type, rounded to nearest even. Throws ConfigError
  /// when `target` is no floating-point type, FormatError when the tensor's own is none.
  HostTensor converted_to(DType target) const;

  /// Same type, shape and bytes.
  bool operator==(const HostTensor&) const = default;
};

/// "[128,3,9,9]"
std::string shape_string(const std::vector<std::int64_t>& shape);

}  // namespace impasto
