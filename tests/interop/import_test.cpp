// Other programs' networks become style models that make the same pictures.

#include "impasto/base/error.h"
#include "impasto/interop/import_model.h"
#include "impasto/interop/torch_checkpoint.h"
#include "interop/golden.h"
#include "support/catch.h"
#include "support/message_of.h"
#include "support/style_models.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

ImportedStyle import(const std::string& name, const ImportOptions& options = {}) {
  return import_style(read_torch_checkpoint(interop_file(name)), name, options);
}

/// What importing the file has to complain of once `damage` has been done to its tensors.
template <class Damage>
std::string error_after(const std::string& name, const Damage& damage) {
  TensorFile file = read_torch_checkpoint(interop_file(name));
  damage(file.tensors);
  return message_of<FormatError>([&] { import_style(file, "x"); });
}

TEST_CASE("pytorch/examples' networks make the pictures that they make in Python") {
  for (const std::string name : {"examples.pth", "examples_old.model"}) {
    const ImportedStyle imported = import(name, {.style = "mosaic"});
    CHECK(imported.source == "pytorch/examples");
    CHECK(imported.model.styles == std::vector<std::string>{"mosaic"});
    CHECK(imported.model.generator == GeneratorConfig{.base_channels = 2});
    CHECK(difference_to_python(imported.model, "examples") < 1e-3f);
  }
}

TEST_CASE("eriklindernoren's networks, whose pixels are normalised, make the same pictures") {
  for (const std::string name : {"sequential.pth", "named_blocks.pth"}) {
    const ImportedStyle imported = import(name);
    CHECK_THAT(imported.source, ContainsSubstring("eriklindernoren"));
    CHECK(imported.model.generator == GeneratorConfig{.base_channels = 2, .residual_blocks = 2});
    CHECK(difference_to_python(imported.model, "sequential") < 1e-3f);
  }
}

TEST_CASE("rrmina's networks, transposed and BGR, make the same pictures") {
  const ImportedStyle imported = import("three_blocks.pth");
  CHECK(imported.source == "rrmina/fast-neural-style-pytorch");
  CHECK(imported.model.generator.upsample == Upsample::kTransposed);
  CHECK(difference_to_python(imported.model, "three_blocks") < 1e-3f);
}

TEST_CASE("Batch norm takes the biases in front of it into its means") {
  const ImportedStyle imported = import("three_blocks_batch.pth");
  CHECK(imported.model.generator.norm == Norm::kBatch);
  // Its values reach 1200, five times the range of a picture.
  CHECK(difference_to_python(imported.model, "three_blocks_batch") < 5e-3f);
}

TEST_CASE("Other pixels than the program's own may be asked for") {
  StyleModel model = import("examples.pth", {.pixels = Pixels::kBgr255}).model;
  const StyleModel plain = import("examples.pth").model;
  const std::vector<float> swapped = model.tensors.at("output.conv.bias").to_floats();
  const std::vector<float> bias = plain.tensors.at("output.conv.bias").to_floats();
  CHECK(swapped == std::vector<float>{bias[2], bias[1], bias[0]});
  const std::vector<float> unit = import("examples.pth", {.pixels = Pixels::kRgb1})
                                      .model.tensors.at("output.conv.bias")
                                      .to_floats();
  CHECK(unit[1] == Approx(255 * bias[1]));
  CHECK(import("examples.pth", {.output = Output::kTanh}).model.generator.output == Output::kTanh);
  CHECK(message_of<ConfigError>(
            [&] { import("examples.pth", {.pixels = Pixels::kRgb1, .output = Output::kTanh}); }) ==
        "output: expected linear for a network whose pixels are not in 0..255, because tanh and "
        "sigmoid end in that range");
}

TEST_CASE("A model's own tensors without its metadata are read as they are") {
  for (const Norm norm : {Norm::kInstance, Norm::kNone}) {
    for (const Upsample upsample : {Upsample::kNearestConv, Upsample::kPixelShuffle}) {
      const StyleModel model = random_style_model(
          {.base_channels = 2, .residual_blocks = 3, .norm = norm, .upsample = upsample});
      const ImportedStyle imported = import_style({{}, model.tensors}, "x");
      CHECK(imported.source == "Impasto");
      CHECK(imported.model.generator == model.generator);
      CHECK(imported.model.tensors == model.tensors);
    }
  }
}

TEST_CASE("What does not fit is explained tensor by tensor") {
  CHECK(error_after("examples.pth",
                    [](auto& tensors) {
                      tensors.erase("res3.in1.bias");
                      tensors["in2.weight"] = HostTensor::from_floats({3}, {1, 2, 3});
                      tensors["conv2.conv2d.bias"] = HostTensor::from_floats({1}, {1});
                      tensors["res1.conv3.conv2d.weight"] = HostTensor::from_floats({1}, {1});
                    }) ==
        "x: recognised as the network of pytorch/examples, but 4 tensors do not fit Impasto's "
        "generator, "
        "so that this is another network than the one that can be imported:\n"
        "  'res3.in1.bias': expected [8], found none\n"
        "  'conv2.conv2d.bias': expected [4], found [1]\n"
        "  'in2.weight': expected [4], found [3]\n"
        "  'res1.conv3.conv2d.weight': not expected, found [1]");
  CHECK(error_after("sequential.pth",
                    [](auto& tensors) { tensors.erase("model.0.block.1.weight"); }) ==
        "x: expected the first convolution's weights, 'model.0.block.1.weight', of four "
        "dimensions, found none");
  CHECK_THAT(error_after("examples.pth",
                         [](auto& tensors) {
                           for (auto& [name, tensor] : tensors) tensor.shape.push_back(1);
                         }),
             ContainsSubstring("of four dimensions, found [2,3,9,9,1]"));
}

TEST_CASE("Names of nobody are refused with those that are known") {
  CHECK(message_of<FormatError>([] {
          import_style({{}, {{"fc.weight", HostTensor::from_floats({1}, {1})}}}, "x");
        }) ==
        "x: expected the tensor names of pytorch/examples, "
        "eriklindernoren/Fast-Neural-Style-Transfer, rrmina/fast-neural-style-pytorch, Impasto or "
        "torchvision's VGG, found "
        "'fc.weight'");
  CHECK_THAT(message_of<FormatError>([] { import_style({}, "x"); }),
             ContainsSubstring("found no tensor"));
}

TEST_CASE("A weight of whole numbers or one that is not finite is refused by name") {
  CHECK_THAT(
      error_after("examples.pth",
                  [](auto& tensors) {
                    tensors["in1.bias"] = {DType::kInt32, {2}, std::vector<std::byte>(8)};
                  }),
      ContainsSubstring("tensor 'in1.bias' (encoder.0.norm.bias): expected a floating-point"));
  CHECK_THAT(error_after("examples.pth",
                         [](auto& tensors) {
                           tensors["in1.bias"] = HostTensor::from_floats({2}, {NAN, 1});
                         }),
             ContainsSubstring("expected finite numbers"));
}

TEST_CASE("A file is told by what is in it, not by its name") {
  const TemporaryFolder folder;
  std::filesystem::copy_file(interop_file("examples.pth"), folder / "a.safetensors");
  CHECK(import_file(folder / "a.safetensors").description ==
        "style 'style' from pytorch/examples: 2 channels, 5 residual blocks");
  write_safetensors(folder / "b.pth", read_torch_checkpoint(interop_file("examples.pth")));
  CHECK(import_file(folder / "b.pth", {.style = "b"}).description ==
        "style 'b' from pytorch/examples: 2 channels, 5 residual blocks");
  CHECK(import_file(interop_file("zoo_9.onnx")).description ==
        "style 'style' from an ONNX file: 2 channels, 2 residual blocks");
  random_style_model({.base_channels = 2}).save(folder / "c.safetensors");
  CHECK(message_of<FormatError>([&] { import_file(folder / "c.safetensors"); }) ==
        (folder / "c.safetensors").string() +
            ": is a style model of Impasto already; use it as it is");
}

}  // namespace
}  // namespace impasto
