#include "impasto/nn/tensors.h"

#include <ATen/ATen.h>

#include <limits>

#include "impasto/base/error.h"
#include "support/catch.h"

using namespace impasto;

namespace {

Image two_by_one(int channels) {
  Image image(2, 1, channels);
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    image.pixels()[i] = static_cast<std::uint8_t>(40 * i);
  }
  return image;
}

}  // namespace

TEST_CASE("A picture becomes planes of red, green and blue in 0..255") {
  const at::Tensor tensor = to_tensor(two_by_one(3));
  REQUIRE(tensor.sizes().vec() == std::vector<std::int64_t>{1, 3, 1, 2});
  REQUIRE(tensor.scalar_type() == at::kFloat);
  REQUIRE(at::equal(tensor.flatten(), at::tensor({0.f, 120.f, 40.f, 160.f, 80.f, 200.f})));
}

TEST_CASE("A picture's alpha is dropped") {
  const at::Tensor tensor = to_tensor(two_by_one(4));
  REQUIRE(at::equal(tensor.flatten(), at::tensor({0.f, 160.f, 40.f, 200.f, 80.f, 240.f})));
}

TEST_CASE("The tensor of a picture is not a view of its pixels") {
  Image image = two_by_one(3);
  const at::Tensor tensor = to_tensor(image);
  image.pixels()[0] = 255;
  REQUIRE(tensor.flatten()[0].item<float>() == 0.f);
}

TEST_CASE("A picture of no pixels has no tensor") {
  REQUIRE_THROWS_AS(to_tensor(Image()), ConfigError);
}

TEST_CASE("Pictures of every 8-bit value survive the way there and back") {
  Image image(16, 16);
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    image.pixels()[i] = static_cast<std::uint8_t>(7 * i);
  }
  REQUIRE(to_image(to_tensor(image)) == image);
  REQUIRE(to_image(to_tensor(image).to(at::kBFloat16)) == image);
  REQUIRE(to_image(to_tensor(image).squeeze(0).to(at::kDouble)) == image);
}

TEST_CASE("Values are rounded and clamped, and NaN becomes 0") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const at::Tensor tensor =
      at::tensor({-5.f, 0.4f, 0.6f, 254.7f, 300.f, nan, inf, -inf, 2.5f}).reshape({3, 1, 3});
  const Image image = to_image(tensor);
  // Interleaved: the first pixel has the first value of each plane.
  const std::vector<int> expected = {0, 255, 255, 0, 255, 0, 1, 0, 2};
  REQUIRE(std::vector<int>(image.pixels().begin(), image.pixels().end()) == expected);
}

TEST_CASE("Only [3,H,W] and [1,3,H,W] are pictures") {
  REQUIRE_THROWS_WITH(to_image(at::zeros({2, 3, 4, 4})),
                      "picture tensor: expected [3,H,W] or [1,3,H,W], found [2,3,4,4]");
  REQUIRE_THROWS_AS(to_image(at::zeros({4, 4, 3})), ConfigError);
  REQUIRE_THROWS_AS(to_image(at::zeros({3, 0, 4})), ConfigError);
}

TEST_CASE("Host tensors of every type go to libtorch and back bit for bit") {
  const auto type = GENERATE(at::kBool,
                             at::kByte,
                             at::kChar,
                             at::kShort,
                             at::kInt,
                             at::kLong,
                             at::kHalf,
                             at::kBFloat16,
                             at::kFloat,
                             at::kDouble);
  const at::Tensor tensor = at::arange(6).reshape({2, 3}).to(type);
  const HostTensor host = to_host_tensor(tensor);
  REQUIRE(host.shape == std::vector<std::int64_t>{2, 3});
  REQUIRE(host.data.size() == 6 * size_of(host.dtype));
  const at::Tensor back = to_tensor(host);
  REQUIRE(back.scalar_type() == type);
  REQUIRE(at::equal(back, tensor));
}

TEST_CASE("A transposed tensor is stored row by row") {
  const HostTensor host = to_host_tensor(at::arange(6, at::kFloat).reshape({2, 3}).t());
  REQUIRE(host.shape == std::vector<std::int64_t>{3, 2});
  REQUIRE(host.to_floats() == std::vector<float>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("Scalars and empty tensors survive") {
  REQUIRE(to_tensor(to_host_tensor(at::scalar_tensor(2.5))).item<float>() == 2.5f);
  REQUIRE(to_tensor(to_host_tensor(at::empty({0, 4}))).sizes().vec() ==
          std::vector<std::int64_t>{0, 4});
}

TEST_CASE("A host tensor whose bytes do not fit its shape is refused") {
  HostTensor host = HostTensor::from_floats({2}, {1.f, 2.f});
  host.shape = {3};
  REQUIRE_THROWS_WITH(to_tensor(host), "tensor [3] F32: expected 12 bytes, found 8");
}

TEST_CASE("Complex numbers have no name in files") {
  REQUIRE_THROWS_WITH(to_host_tensor(at::zeros({1}, at::kComplexFloat)),
                      ContainsSubstring("expected a real number type, found ComplexFloat"));
}
