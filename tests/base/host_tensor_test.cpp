#include "impasto/base/host_tensor.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"

namespace impasto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<std::uint16_t> words_of(const HostTensor& tensor) {
  std::vector<std::uint16_t> words(tensor.data.size() / 2);
  std::memcpy(words.data(), tensor.data.data(), tensor.data.size());
  return words;
}

HostTensor from_words(DType dtype, const std::vector<std::uint16_t>& words) {
  HostTensor tensor{dtype, {static_cast<std::int64_t>(words.size())}, {}};
  tensor.data.resize(words.size() * 2);
  std::memcpy(tensor.data.data(), words.data(), tensor.data.size());
  return tensor;
}

HostTensor from_doubles(const std::vector<double>& values) {
  HostTensor tensor{DType::kFloat64, {static_cast<std::int64_t>(values.size())}, {}};
  tensor.data.resize(values.size() * 8);
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

TEST_CASE("Types have the format's names and sizes") {
  CHECK(name_of(DType::kBFloat16) == "BF16");
  CHECK(size_of(DType::kBFloat16) == 2);
  CHECK(name_of(DType::kBool) == "BOOL");
  CHECK(size_of(DType::kInt64) == 8);
  CHECK(dtype_named("F16") == DType::kFloat16);
  CHECK(dtype_named("F64") == DType::kFloat64);
  CHECK_FALSE(dtype_named("F8_E4M3").has_value());
  CHECK_FALSE(dtype_named("").has_value());
}

TEST_CASE("A tensor holds as many values as its shape says") {
  const auto tensor = HostTensor::from_floats({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(tensor.numel() == 6);
  CHECK(tensor.to_floats() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(HostTensor::from_floats({}, {7}).numel() == 1);
  CHECK(HostTensor::from_floats({0, 5}, {}).to_floats().empty());
  CHECK(message_of<ConfigError>([] {
          HostTensor::from_floats({2, 3}, {1});
        }) == "tensor of shape [2,3]: expected 6 values, found 1");
  CHECK(shape_string({}) == "[]");
}

TEST_CASE("Float16 is rounded to nearest even, as numpy does it") {
  const auto tensor = from_doubles({0.0,
                                    -0.0,
                                    1.0,
                                    65504.0,         // the largest
                                    65519.99,        // below half way to the next
                                    65520.0,         // half way: to even, which is infinity
                                    0x1p-24,         // the smallest
                                    0x1p-25,         // half of it: to even, which is 0
                                    0x1.00068dp-25,  // above half of it
                                    6.1e-05,         // the largest subnormal numbers
                                    0x1p-14,         // the smallest normal one
                                    0.1,
                                    -3.14159,
                                    2049.0,  // half way: to 2048
                                    2051.0,  // half way: to 2052
                                    -kInfinity,
                                    1 + 0x1p-11 + 0x1p-40});  // 1 if it went through float32
  CHECK(words_of(tensor.converted_to(DType::kFloat16)) == std::vector<std::uint16_t>{0x0000,
                                                                                     0x8000,
                                                                                     0x3c00,
                                                                                     0x7bff,
                                                                                     0x7bff,
                                                                                     0x7c00,
                                                                                     0x0001,
                                                                                     0x0000,
                                                                                     0x0001,
                                                                                     0x03ff,
                                                                                     0x0400,
                                                                                     0x2e66,
                                                                                     0xc248,
                                                                                     0x6800,
                                                                                     0x6802,
                                                                                     0xfc00,
                                                                                     0x3c01});
}

TEST_CASE("Bfloat16 is rounded to nearest even, as PyTorch does it") {
  const auto tensor = HostTensor::from_floats(
      {8}, {1.0F, 0.1F, -3.14159F, 2049.0F, 1e-8F, kInfinity, 3.3895314e38F, 3.39618e38F});
  CHECK(words_of(tensor.converted_to(DType::kBFloat16)) ==
        std::vector<std::uint16_t>{0x3f80, 0x3dcd, 0xc049, 0x4500, 0x322c, 0x7f80, 0x7f7f, 0x7f80});
}

TEST_CASE("Every float16 and bfloat16 value survives the way to float32 and back") {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
    std::vector<std::uint16_t> words;
    for (int word = 0; word <= 0xffff; ++word) words.push_back(static_cast<std::uint16_t>(word));
    const HostTensor tensor = from_words(dtype, words);
    const std::vector<float> values = tensor.to_floats();
    const auto back = words_of(tensor.converted_to(DType::kFloat32).converted_to(dtype));
    int wrong = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool same = std::isnan(values[i])
                            ? std::isnan(from_words(dtype, {back[i]}).to_floats()[0])
                            : back[i] == words[i];
      wrong += same ? 0 : 1;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("Half-size floats decode to the values that the standards give") {
  CHECK(from_words(DType::kFloat16, {0x3555, 0x0001, 0x03ff, 0x7bff, 0xfc00}).to_floats() ==
        std::vector<float>{0.333251953125F, 0x1p-24F, 0x1.ff8p-15F, 65504.0F, -kInfinity});
  CHECK(from_words(DType::kBFloat16, {0x3eab, 0x0001, 0xc2f7}).to_floats() ==
        std::vector<float>{0.333984375F, 0x1p-133F, -123.5F});
  CHECK(std::isnan(from_words(DType::kFloat16, {0x7e00}).to_floats()[0]));
}

TEST_CASE("Doubles and floats convert into one another") {
  const auto tensor = from_doubles({0.1, -2.5});
  CHECK(tensor.to_floats() == std::vector<float>{0.1F, -2.5F});
  CHECK(HostTensor::from_floats({1}, {0.1F}).converted_to(DType::kFloat64) ==
        from_doubles({double{0.1F}}));
  CHECK(tensor.converted_to(DType::kFloat64) == tensor);
}

TEST_CASE("Whole numbers are no floats") {
  const HostTensor whole{DType::kInt32, {1}, std::vector<std::byte>(4)};
  CHECK(message_of<FormatError>([&] { (void)whole.to_floats(); }) ==
        "expected a floating-point tensor, found I32");
  CHECK(message_of<FormatError>([&] { (void)whole.converted_to(DType::kFloat16); }) ==
        "expected a floating-point tensor, found I32");
  CHECK(message_of<ConfigError>([&] { (void)from_doubles({1}).converted_to(DType::kInt8); }) ==
        "cannot convert a tensor to I8, expected a floating-point type");
}

}  // namespace
}  // namespace impasto
