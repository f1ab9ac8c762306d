// torchvision's VGG as a loss network.

#include "impasto/base/error.h"
#include "impasto/interop/import_model.h"
#include "support/catch.h"
#include "support/message_of.h"

namespace impasto {
namespace {

HostTensor zeros(std::vector<std::int64_t> shape) {
  HostTensor tensor{DType::kFloat16, std::move(shape), {}};
  tensor.data.resize(static_cast<std::size_t>(tensor.numel()) * 2);
  return tensor;
}

/// torchvision's names and shapes, written down from its layer lists.
TensorFile vgg(const std::vector<int>& positions) {
  const std::vector<std::int64_t> widths = {64, 128, 256, 512, 512};
  TensorFile file;
  std::int64_t in = 3;
  std::size_t block = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (i > 0 && positions[i] != positions[i - 1] + 2) ++block;
    const std::string name = "features." + std::to_string(positions[i]);
    file.tensors[name + ".weight"] = zeros({widths[block], in, 3, 3});
    file.tensors[name + ".bias"] = zeros({widths[block]});
    in = widths[block];
  }
  file.tensors["classifier.6.bias"] = zeros({1000});
  return file;
}

const std::vector<int> kVgg16 = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28};
const std::vector<int> kVgg19 = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34};

TEST_CASE("VGG16 and VGG19 become loss networks without the classifier") {
  for (const auto& [positions, name] : {std::pair(kVgg16, "vgg16"), std::pair(kVgg19, "vgg19")}) {
    const TensorFile file = vgg(positions);
    REQUIRE(is_vgg(file));
    const TensorFile network = import_vgg(file, "x");
    CHECK(network.metadata == std::map<std::string, std::string>{{"architecture", name},
                                                                 {"mean", "[0.485, 0.456, 0.406]"},
                                                                 {"std", "[0.229, 0.224, 0.225]"}});
    CHECK(network.tensors.size() == 2 * positions.size());
    CHECK_FALSE(network.tensors.contains("classifier.6.bias"));
  }
}

TEST_CASE("A mean and a deviation that travel with the weights are kept") {
  TensorFile file = vgg(kVgg16);
  file.metadata = {{"mean", "[0.5, 0.5, 0.5]"}, {"std", "[1, 1, 1]"}};
  CHECK(import_vgg(file, "x").metadata.at("mean") == "[0.5, 0.5, 0.5]");
}

TEST_CASE("A VGG that lacks a tensor or has others is explained") {
  TensorFile file = vgg(kVgg16);
  file.tensors.erase("features.28.bias");
  file.tensors["features.1.running_mean"] = zeros({64});
  file.tensors["features.5.weight"] = zeros({64, 64, 3, 3});
  file.tensors["features.0.bias"] = {DType::kInt16, {64}, std::vector<std::byte>(128)};
  CHECK(message_of<FormatError>([&] { import_vgg(file, "x"); }) ==
        "x: the names are those of vgg16, but these tensors are not (with batch norm it is another "
        "network):\n"
        "  'features.0.bias': expected floating-point numbers, found I16\n"
        "  'features.28.bias': expected [512], found none\n"
        "  'features.5.weight': expected [128,64,3,3], found [64,64,3,3]\n"
        "  'features.1.running_mean': not expected, found [64]");
  CHECK_FALSE(is_vgg({}));
  CHECK(message_of<FormatError>([] { import_vgg({}, "x"); }) ==
        "x: expected torchvision's VGG16 or VGG19, found no tensor");
}

}  // namespace
}  // namespace impasto
