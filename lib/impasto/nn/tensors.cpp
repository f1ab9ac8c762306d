#include "impasto/nn/tensors.h"

#include <ATen/ATen.h>

#include <array>
#include <cstring>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {
namespace {

constexpr std::array<std::pair<DType, at::ScalarType>, 10> kTypes = {{
    {DType::kBool, at::kBool},
    {DType::kUInt8, at::kByte},
    {DType::kInt8, at::kChar},
    {DType::kInt16, at::kShort},
    {DType::kInt32, at::kInt},
    {DType::kInt64, at::kLong},
    {DType::kFloat16, at::kHalf},
    {DType::kBFloat16, at::kBFloat16},
    {DType::kFloat32, at::kFloat},
    {DType::kFloat64, at::kDouble},
}};

at::ScalarType scalar_type_of(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  throw ConfigError("tensor: no libtorch type for " + std::string(name_of(dtype)));
}

DType dtype_of(at::ScalarType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  throw ConfigError("tensor: expected a real number type, found " + std::string(toString(type)));
}

}  // namespace

at::Tensor to_tensor(const Image& image) {
  if (image.empty()) throw ConfigError("picture: expected at least one pixel, found none");
  // Only read from: the view dies before the picture does.
  auto* pixels = const_cast<std::uint8_t*>(image.pixels().data());
  const at::Tensor interleaved =
      at::from_blob(pixels, {1, image.height(), image.width(), image.channels()}, at::kByte);
  return interleaved.narrow(3, 0, 3).permute({0, 3, 1, 2}).to(at::kFloat).contiguous();
}

Image to_image(const at::Tensor& tensor) {
  const at::Tensor planes = tensor.dim() == 4 && tensor.size(0) == 1 ? tensor.squeeze(0) : tensor;
  if (planes.dim() != 3 || planes.size(0) != 3 || planes.numel() == 0) {
    throw ConfigError("picture tensor: expected [3,H,W] or [1,3,H,W], found " +
                      shape_string(tensor.sizes().vec()));
  }
  const at::Tensor interleaved = planes.detach()
                                     .to(at::kCPU, at::kFloat)
                                     .nan_to_num(0.0, 255.0, 0.0)
                                     .clamp(0, 255)
                                     .round()
                                     .to(at::kByte)
                                     .permute({1, 2, 0})
                                     .contiguous();
  Image image(static_cast<int>(interleaved.size(1)), static_cast<int>(interleaved.size(0)));
  std::memcpy(image.pixels().data(), interleaved.const_data_ptr(), image.pixels().size());
  return image;
}

at::Tensor to_tensor(const HostTensor& tensor) {
  at::Tensor result = at::empty(tensor.shape, scalar_type_of(tensor.dtype));
  if (tensor.data.size() != result.nbytes()) {
    throw FormatError("tensor " + shape_string(tensor.shape) + " " +
                      std::string(name_of(tensor.dtype)) + ": expected " +
                      std::to_string(result.nbytes()) + " bytes, found " +
                      std::to_string(tensor.data.size()));
  }
  if (!tensor.data.empty()) {
    std::memcpy(result.mutable_data_ptr(), tensor.data.data(), tensor.data.size());
  }
  return result;
}

HostTensor to_host_tensor(const at::Tensor& tensor) {
  const at::Tensor source = tensor.detach().to(at::kCPU).contiguous();
  HostTensor result;
  result.dtype = dtype_of(source.scalar_type());
  result.shape = source.sizes().vec();
  result.data.resize(source.nbytes());
  if (!result.data.empty()) {
    std::memcpy(result.data.data(), source.const_data_ptr(), result.data.size());
  }
  return result;
}

}  // namespace impasto
