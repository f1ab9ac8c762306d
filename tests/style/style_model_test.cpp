#include "impasto/style/style_model.h"

#include <limits>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/style_models.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

const GeneratorConfig kSmall = {.base_channels = 2, .residual_blocks = 1};

/// What reading a valid model's file has to complain of once `damage` has been done to it.
template <class Damage>
std::string error_after(const Damage& damage) {
  TensorFile file = random_style_model(kSmall).to_tensor_file();
  damage(file);
  return message_of<FormatError>([&] { StyleModel::from_tensor_file(file, "x.safetensors"); });
}

TEST_CASE("A model that is saved loads as the same model") {
  GeneratorConfig generator = kSmall;
  generator.norm = Norm::kConditionalInstance;
  generator.styles = 2;
  StyleModel model = random_style_model(generator, {"wave", "n\xc3\xa4\xcc\x8a \"1\""});
  model.training = {{"steps", "300"}, {"config", "{\n  \"a\": 1\n}\n"}};
  const TemporaryFolder folder;
  model.save(folder / "runs/x/model.safetensors");
  const StyleModel loaded = StyleModel::load(folder / "runs/x/model.safetensors");
  CHECK(loaded.generator == model.generator);
  CHECK(loaded.styles == model.styles);
  CHECK(loaded.tensors == model.tensors);
  CHECK(loaded.training == model.training);
}

TEST_CASE("A model's metadata is that of the documented format") {
  StyleModel model = random_style_model(kSmall);
  model.training["steps"] = "300";
  CHECK(model.to_tensor_file().metadata ==
        std::map<std::string, std::string>{{"format", "impasto.style/1"},
                                           {"generator", to_json(kSmall)},
                                           {"styles", R"(["wave"])"},
                                           {"training.steps", "300"}});
}

TEST_CASE("The first format version keeps loading") {
  // Written by the test below when the format was made.
  const StyleModel model = StyleModel::load(project_file("tests/golden/style_v1.safetensors"));
  CHECK(model.generator == kSmall);
  CHECK(model.styles == std::vector<std::string>{"wave"});
  CHECK(model.training == std::map<std::string, std::string>{{"steps", "300"}});
  const StyleModel expected = random_style_model(kSmall);
  for (const auto& [name, tensor] : expected.tensors) {
    CHECK(model.tensors.at(name) == tensor.converted_to(DType::kFloat16));
  }
}

TEST_CASE("The first format version's file is written", "[.][golden]") {
  StyleModel model = random_style_model(kSmall);
  model.training["steps"] = "300";
  for (auto& [name, tensor] : model.tensors) tensor = tensor.converted_to(DType::kFloat16);
  model.save(project_file("tests/golden/style_v1.safetensors"));
}

TEST_CASE("Weights may be float32, float16 or bfloat16, and nothing else") {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
    StyleModel model = random_style_model(kSmall);
    for (auto& [name, tensor] : model.tensors) tensor = tensor.converted_to(dtype);
    CHECK_NOTHROW(model.validate("x"));
  }
  CHECK(error_after([](TensorFile& file) {
          HostTensor& bias = file.tensors.at("output.conv.bias");
          bias = bias.converted_to(DType::kFloat64);
        }) == "x.safetensors: tensor 'output.conv.bias': expected F32, F16 or BF16, found F64");
  CHECK(error_after([](TensorFile& file) {
          file.tensors.at("output.conv.bias") = {DType::kInt32, {3}, std::vector<std::byte>(12)};
        }) == "x.safetensors: tensor 'output.conv.bias': expected F32, F16 or BF16, found I32");
}

TEST_CASE("A tensor that is missing, not expected or of another shape is named") {
  CHECK(error_after([](TensorFile& file) { file.tensors.erase("residual.0.conv1.weight"); }) ==
        "x.safetensors: tensor 'residual.0.conv1.weight': expected [8,8,3,3], found none");
  CHECK(error_after([](TensorFile& file) {
          file.tensors["decoder.2.conv.weight"] = HostTensor::from_floats({1}, {0});
        }) ==
        "x.safetensors: tensor 'decoder.2.conv.weight': not expected in this generator, found [1]");
  CHECK(error_after([](TensorFile& file) {
          file.tensors.at("output.conv.bias").shape = {1, 3};
        }) == "x.safetensors: tensor 'output.conv.bias': expected [3], found [1,3]");
  CHECK(error_after([](TensorFile& file) { file.tensors.at("output.conv.bias").data.resize(8); }) ==
        "x.safetensors: tensor 'output.conv.bias': expected 12 bytes, found 8");
}

TEST_CASE("A weight that is no finite number is refused: it would blacken every picture") {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBFloat16}) {
      CHECK(error_after([&](TensorFile& file) {
              file.tensors.at("output.conv.bias") =
                  HostTensor::from_floats({3}, {0, value, 0}).converted_to(dtype);
            }) ==
            "x.safetensors: tensor 'output.conv.bias': expected finite numbers, found infinity or "
            "NaN");
    }
  }
}

TEST_CASE("A safetensors file that is no style model says so") {
  CHECK(error_after([](TensorFile& file) { file.metadata.clear(); }) ==
        "x.safetensors: not an Impasto style model: expected metadata 'format' to be "
        "'impasto.style/1', found none");
  CHECK(error_after([](TensorFile& file) { file.metadata["format"] = "pt"; }) ==
        "x.safetensors: not an Impasto style model: expected metadata 'format' to be "
        "'impasto.style/1', found 'pt'");
}

TEST_CASE("A later format is refused by its number") {
  CHECK(error_after([](TensorFile& file) { file.metadata["format"] = "impasto.style/2"; }) ==
        "x.safetensors: this version of Impasto reads 'impasto.style/1', found 'impasto.style/2'");
}

TEST_CASE("Metadata that is missing or makes no sense is named") {
  const auto error_with = [](const std::string& key, const std::string& value) {
    return error_after([&](TensorFile& file) { file.metadata[key] = value; });
  };
  CHECK(error_after([](TensorFile& file) { file.metadata.erase("generator"); }) ==
        "x.safetensors: metadata: expected 'generator', found none");
  CHECK(error_after([](TensorFile& file) { file.metadata.erase("styles"); }) ==
        "x.safetensors: metadata: expected 'styles', found none");
  CHECK_THAT(error_with("generator", "{"),
             ContainsSubstring("x.safetensors: generator: line 1, column 2"));
  CHECK(error_with("generator", R"({"residual_blocks":99})") ==
        "x.safetensors: generator: residual_blocks: expected an integer from 1 to 16, found 99");
  CHECK(error_with("generator", R"({"attention":true})")
            .starts_with("x.safetensors: generator: unknown key 'attention'"));
  CHECK(error_with("styles", "wave").starts_with("x.safetensors: styles: line 1, column 1"));
  CHECK(error_with("styles", "{}") ==
        "x.safetensors: styles: expected a list of names, found an object");
  CHECK(error_with("styles", "[1]") == "x.safetensors: styles: expected a name, found 1");
  CHECK(error_with("styles", "[]") == "x.safetensors: styles: expected 1 names, found 0");
  CHECK(error_with("styles", R"([""])") ==
        "x.safetensors: styles: expected names, found an empty one");
  CHECK_NOTHROW(random_style_model(kSmall).validate("x"));
}

TEST_CASE("Style names are as many as styles, and all different") {
  GeneratorConfig generator = kSmall;
  generator.norm = Norm::kConditionalInstance;
  generator.styles = 2;
  CHECK(message_of<FormatError>([&] {
          random_style_model(generator, {"a", "a"}).validate("x");
        }) == "x: styles: expected different names, found 'a' twice");
  CHECK(message_of<FormatError>([&] { random_style_model(generator, {"a"}).validate("x"); }) ==
        "x: styles: expected 2 names, found 1");
}

TEST_CASE("A model that is not valid is not saved") {
  StyleModel model = random_style_model(kSmall);
  model.generator.residual_blocks = 40;
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  CHECK(message_of<FormatError>([&] { model.save(path); }) ==
        path.string() + ": generator: residual_blocks: expected an integer from 1 to 16, found 40");
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("A file that is cut or missing is an error that names it") {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  const auto bytes = serialize_safetensors(random_style_model(kSmall).to_tensor_file());
  write_file_atomically(path, std::span(bytes).first(bytes.size() - 1));
  CHECK(message_of<FormatError>([&] { StyleModel::load(path); }).starts_with(path.string() + ": "));
  CHECK(message_of<IoError>([] { StyleModel::load("no/such.safetensors"); }) ==
        "no/such.safetensors: cannot read: No such file or directory");
}

TEST_CASE("A style is found by its name, the first by none") {
  const StyleModel model{{}, {"great_wave", "night"}, {}, {}};
  CHECK(model.style_index("") == 0);
  CHECK(model.style_index("great_wave") == 0);
  CHECK(model.style_index("night") == 1);
  CHECK(message_of<ConfigError>([&] { model.style_index("nigth"); }) ==
        "style: expected one of great_wave, night, found 'nigth', did you mean 'night'?");
}

}  // namespace
}  // namespace impasto
