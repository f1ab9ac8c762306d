#include "impasto/base/host_tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian");

namespace {

struct DTypeInfo {
  std::string_view name;
  std::size_t size;
};

/// By the order of the enumerators.
constexpr std::array<DTypeInfo, 10> kDTypes = {{{"BOOL", 1},
                                                {"U8", 1},
                                                {"I8", 1},
                                                {"I16", 2},
                                                {"I32", 4},
                                                {"I64", 8},
                                                {"F16", 2},
                                                {"BF16", 2},
                                                {"F32", 4},
                                                {"F64", 8}}};

const DTypeInfo& info(DType dtype) { return kDTypes.at(static_cast<std::size_t>(dtype)); }

/// An IEEE 754 binary format of at most 16 bits.
struct SmallFloat {
  int exponent_bits;
  int mantissa_bits;
};
constexpr SmallFloat kHalf = {5, 10};
constexpr SmallFloat kBrain = {8, 7};

float decode(std::uint16_t bits, SmallFloat format) {
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const int largest = (1 << format.exponent_bits) - 1;
  const int exponent = (bits >> format.mantissa_bits) & largest;
  const int mantissa = bits & ((1 << format.mantissa_bits) - 1);
  const auto sign = static_cast<std::uint32_t>(bits >> 15) << 31;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(mantissa), 1 - bias - format.mantissa_bits);
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
  }
  const auto wide_exponent =
      static_cast<std::uint32_t>(exponent == largest ? 255 : exponent - bias + 127);
  const auto wide_mantissa = static_cast<std::uint32_t>(mantissa) << (23 - format.mantissa_bits);
  return std::bit_cast<float>(sign | wide_exponent << 23 | wide_mantissa);
}

/// Rounded once, to nearest even, from a double: going through float32 would round twice.
std::uint16_t encode(double value, SmallFloat format) {
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const int infinity = ((1 << format.exponent_bits) - 1) << format.mantissa_bits;
  const auto with_sign = [value](int bits) {
    return static_cast<std::uint16_t>(bits | (std::signbit(value) ? 1 << 15 : 0));
  };
  if (std::isnan(value)) return with_sign(infinity | 1 << (format.mantissa_bits - 1));
  const int exponent = std::isinf(value) ? bias + 1 : std::max(std::ilogb(value), 1 - bias);
  if (exponent > bias) return with_sign(infinity);
  // A normal number's quanta include the hidden bit, which counts as one exponent; a carry from
  // rounding counts as the next, up to infinity.
  const auto quanta = static_cast<int>(
      std::nearbyint(std::ldexp(std::abs(value), format.mantissa_bits - exponent)));
  return with_sign(((exponent + bias - 1) << format.mantissa_bits) + quanta);
}

bool is_floating(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat32 ||
         dtype == DType::kFloat64;
}

template <class Element>
std::vector<Element> elements_of(const std::vector<std::byte>& data) {
  std::vector<Element> elements(data.size() / sizeof(Element));
  if (!elements.empty())
    std::memcpy(elements.data(), data.data(), elements.size() * sizeof(Element));
  return elements;
}

template <class To, class From, class Convert>
std::vector<To> map_elements(const std::vector<From>& from, Convert convert) {
  std::vector<To> to(from.size());
  std::ranges::transform(from, to.begin(), convert);
  return to;
}

template <class Element>
std::vector<std::byte> bytes_of(const std::vector<Element>& elements) {
  std::vector<std::byte> bytes(elements.size() * sizeof(Element));
  if (!bytes.empty()) std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

}  // namespace

std::size_t size_of(DType dtype) { return info(dtype).size; }

std::string_view name_of(DType dtype) { return info(dtype).name; }

std::optional<DType> dtype_named(std::string_view name) {
  const auto* found = std::ranges::find(kDTypes, name, &DTypeInfo::name);
  if (found == kDTypes.end()) return std::nullopt;
  return static_cast<DType>(found - kDTypes.begin());
}

std::int64_t HostTensor::numel() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

HostTensor HostTensor::from_floats(std::vector<std::int64_t> shape,
                                   const std::vector<float>& values) {
  HostTensor tensor{DType::kFloat32, std::move(shape), bytes_of(values)};
  if (tensor.numel() != static_cast<std::int64_t>(values.size())) {
    throw ConfigError("tensor of shape " + shape_string(tensor.shape) + ": expected " +
                      std::to_string(tensor.numel()) + " values, found " +
                      std::to_string(values.size()));
  }
  return tensor;
}

std::vector<float> HostTensor::to_floats() const {
  if (!is_floating(dtype)) {
    throw FormatError("expected a floating-point tensor, found " + std::string(name_of(dtype)));
  }
  if (dtype == DType::kFloat32) return elements_of<float>(data);
  if (dtype == DType::kFloat64) {
    return map_elements<float>(elements_of<double>(data),
                               [](double value) { return static_cast<float>(value); });
  }
  const SmallFloat format = dtype == DType::kFloat16 ? kHalf : kBrain;
  return map_elements<float>(elements_of<std::uint16_t>(data),
                             [format](std::uint16_t bits) { return decode(bits, format); });
}

HostTensor HostTensor::converted_to(DType target) const {
  if (!is_floating(target)) {
    throw ConfigError("cannot convert a tensor to " + std::string(name_of(target)) +
                      ", expected a floating-point type");
  }
  if (target == dtype) return *this;
  HostTensor converted{target, shape, {}};
  if (target == DType::kFloat32) {
    converted.data = bytes_of(to_floats());
    return converted;
  }
  const std::vector<double> values =
      dtype == DType::kFloat64
          ? elements_of<double>(data)
          : map_elements<double>(to_floats(), [](float value) { return double{value}; });
  if (target == DType::kFloat64) {
    converted.data = bytes_of(values);
    return converted;
  }
  const SmallFloat format = target == DType::kFloat16 ? kHalf : kBrain;
  converted.data = bytes_of(map_elements<std::uint16_t>(
      values, [format](double value) { return encode(value, format); }));
  return converted;
}

std::string shape_string(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    if (!text.empty()) text += ",";
    text += std::to_string(extent);
  }
  return "[" + text + "]";
}

}  // namespace impasto
