// convert, as a user runs it.

#include "impasto/base/safetensors.h"
#include "impasto/style/style_model.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

namespace {

using impasto::DType;
using impasto::StyleModel;

class ConvertStudio {
 public:
  ConvertStudio() {
    for (const char* name : {"examples.pth", "zoo_8.onnx"}) {
      std::filesystem::copy_file(project_file("tests/golden/interop") / name, folder_ / name);
    }
  }

  ProgramResult run(const std::vector<std::string>& arguments) const {
    return run_program(IMPASTO_CONVERT, arguments, folder_.path());
  }

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("convert import writes a style model named after the file") {
  const ConvertStudio studio;
  const ProgramResult result = studio.run({"import", "examples.pth", "new/wave.safetensors"});
  CHECK(result.err.empty());
  CHECK(result.exit_code == 0);
  CHECK(result.out ==
        "new/wave.safetensors: style 'examples' from pytorch/examples: 2 channels, 5 residual "
        "blocks\n");
  CHECK(StyleModel::load(studio / "new/wave.safetensors").styles ==
        std::vector<std::string>{"examples"});
}

TEST_CASE("convert import takes a name, pixels, an output and half precision") {
  const ConvertStudio studio;
  REQUIRE(studio
              .run({"import",
                    "zoo_8.onnx",
                    "a.safetensors",
                    "--style",
                    "candy",
                    "--pixels",
                    "bgr255",
                    "--output",
                    "tanh",
                    "--half"})
              .exit_code == 0);
  const StyleModel model = StyleModel::load(studio / "a.safetensors");
  CHECK(model.styles == std::vector<std::string>{"candy"});
  CHECK(model.generator.output == impasto::Output::kTanh);
  CHECK(model.tensors.at("output.conv.bias").dtype == DType::kFloat16);
}

TEST_CASE("convert export writes ONNX, TorchScript and safetensors by the file's extension") {
  const ConvertStudio studio;
  REQUIRE(studio.run({"import", "examples.pth", "a.safetensors"}).exit_code == 0);
  CHECK(studio.run({"export", "a.safetensors", "new/a.onnx"}).out ==
        "new/a.onnx: ONNX, opset 17, pictures of any size, styles: examples\n");
  CHECK(studio.run({"export", "a.safetensors", "b.onnx", "--opset", "11", "--size", "64x48"}).out ==
        "b.onnx: ONNX, opset 11, pictures of 64x48, styles: examples\n");
  CHECK(studio.run({"export", "a.safetensors", "c", "--format", "safetensors", "--half"}).out ==
        "c: safetensors with the names of pytorch/examples, styles: examples\n");
  CHECK(studio.run({"export", "a.safetensors", "d.pt"}).out ==
        "d.pt: TorchScript, styles: examples\n");
  const auto tensors = impasto::read_safetensors(studio / "c").tensors;
  CHECK(tensors.size() == 62);
  CHECK(tensors.at("res5.in2.weight").dtype == DType::kFloat16);
  CHECK(std::filesystem::file_size(studio / "b.onnx") > 20'000);
}

TEST_CASE("convert export takes one style of several") {
  const ConvertStudio studio;
  tiny_model({"wave", "night"}).save(studio / "many.safetensors");
  CHECK_THAT(studio.run({"export", "many.safetensors", "all.onnx"}).out,
             ContainsSubstring("styles: wave, night\n"));
  CHECK_THAT(studio.run({"export", "many.safetensors", "one.onnx", "--style", "night"}).out,
             ContainsSubstring("styles: night\n"));
  const ProgramResult unknown =
      studio.run({"export", "many.safetensors", "one.onnx", "--style", "nihgt"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err ==
        "convert: style: expected one of wave, night, found 'nihgt', did you mean 'night'?\n");
  const ProgramResult sigmoid =
      studio.run({"export", "many.safetensors", "one.safetensors", "--style", "night"});
  CHECK(sigmoid.exit_code == 2);
  CHECK_THAT(sigmoid.err, ContainsSubstring("convert: generator: output: expected 'linear'"));
}

TEST_CASE("convert export makes a smaller style model of a style model") {
  const ConvertStudio studio;
  StyleModel many = tiny_model({"wave", "night"});
  many.training["steps"] = "7000";
  many.save(studio / "many.safetensors");
  CHECK(studio
            .run({"export",
                  "many.safetensors",
                  "one.safetensors",
                  "--format",
                  "model",
                  "--style",
                  "night",
                  "--half"})
            .out == "one.safetensors: style model, styles: night\n");
  const StyleModel one = StyleModel::load(studio / "one.safetensors");
  CHECK(one.styles == std::vector<std::string>{"night"});
  CHECK(one.training.at("steps") == "7000");
  CHECK(one.tensors.at("output.conv.bias").dtype == DType::kFloat16);
  CHECK(one.tensors.at("output.conv.bias").to_floats() ==
        many.tensors.at("output.conv.bias").converted_to(DType::kFloat16).to_floats());
}

TEST_CASE("convert gives a model a margin, and takes it away") {
  const ConvertStudio studio;
  const auto margin_of = [&](const char* file) {
    return StyleModel::load(studio / file).generator.margin;
  };
  REQUIRE(studio.run({"import", "examples.pth", "a.safetensors"}).exit_code == 0);
  CHECK(margin_of("a.safetensors") == 0);
  REQUIRE(studio.run({"import", "examples.pth", "b.safetensors", "--margin", "8"}).exit_code == 0);
  CHECK(margin_of("b.safetensors") == 8);
  CHECK(studio.run({"export", "b.safetensors", "c", "--format", "safetensors"}).out ==
        "c: safetensors with the names of pytorch/examples, whose network has no margin, styles: "
        "examples\n");
  const auto again = [&](const char* margin) {
    return studio.run(
        {"export", "b.safetensors", "d.safetensors", "--format", "model", "--margin", margin});
  };
  CHECK(again("0").exit_code == 0);
  CHECK(margin_of("d.safetensors") == 0);
  CHECK(again("12").exit_code == 0);
  CHECK(margin_of("d.safetensors") == 12);
  const ProgramResult wide = again("13");
  CHECK(wide.exit_code == 2);
  CHECK_THAT(wide.err, ContainsSubstring("margin: expected an integer from 0 to 12, found 13"));
  CHECK(margin_of("d.safetensors") == 12);
  CHECK_THAT(again("wide").err,
             ContainsSubstring("option '--margin': expected a whole number from 0, found 'wide'"));
  CHECK_THAT(studio.run({"import", "examples.pth", "e.safetensors", "--margin", "99"}).err,
             ContainsSubstring("margin: expected an integer from 0 to 12, found 99"));
}

TEST_CASE("convert info tells what is in a file") {
  const ConvertStudio studio;
  const ProgramResult foreign = studio.run({"info", "examples.pth"});
  CHECK_THAT(foreign.out, ContainsSubstring("file of torch.save\n62 tensors, "));
  CHECK_THAT(foreign.out, ContainsSubstring("\n  conv1.conv2d.weight       F32 [2,3,9,9]\n"));
  tiny_model({"wave", "night"}).save(studio / "own.safetensors");
  const ProgramResult own = studio.run({"info", "own.safetensors"});
  CHECK_THAT(own.out, ContainsSubstring("style model of Impasto\nstyles: wave, night\n"));
  CHECK_THAT(studio.run({"info", "zoo_8.onnx"}).out,
             ContainsSubstring("ONNX model of a style network that can be imported\n"));
}

TEST_CASE("A wrong command line of convert says what was expected") {
  const ConvertStudio studio;
  const auto error_of = [&](const std::vector<std::string>& arguments) {
    const ProgramResult result = studio.run(arguments);
    CHECK(result.exit_code == 2);
    return result.err;
  };
  CHECK_THAT(error_of({}),
             ContainsSubstring("convert: expected import, export or info, found nothing"));
  CHECK_THAT(error_of({"imprt", "a", "b"}),
             ContainsSubstring("found 'imprt', did you mean 'import'?"));
  CHECK_THAT(error_of({"import"}), ContainsSubstring("expected the file to import"));
  CHECK_THAT(error_of({"import", "examples.pth"}), ContainsSubstring("expected the file to write"));
  CHECK_THAT(error_of({"import", "examples.pth", "./examples.pth"}),
             ContainsSubstring("the output would overwrite the input"));
  CHECK_THAT(error_of({"import", "examples.pth", "a", "--pixels", "bgr25"}),
             ContainsSubstring("option '--pixels': expected bgr255, imagenet, rgb1, rgb255, found "
                               "'bgr25', did you mean 'bgr255'?"));
  CHECK_THAT(error_of({"export", "a.safetensors", "a.bin"}),
             ContainsSubstring("a.bin: expected the extension .onnx, .pt or .safetensors"));
  tiny_model().save(studio / "a.safetensors");
  for (const std::string size : {"640", "640x", "x480", "0x480", "640x480x3", "-1x20"}) {
    CHECK_THAT(
        error_of({"export", "a.safetensors", "a.onnx", "--size=" + size}),
        ContainsSubstring("option '--size': expected width and height as in 640x480, found '" +
                          size + "'"));
  }
  CHECK_THAT(error_of({"export", "a.safetensors", "a.onnx", "--opset", "x"}),
             ContainsSubstring("option '--opset': expected a whole number from 1, found 'x'"));
  CHECK_THAT(error_of({"export", "a.safetensors", "a.onnx", "--opset", "9"}),
             ContainsSubstring("opset: expected 11 to 17, found 9"));
  CHECK_THAT(error_of({"export", "a.safetensors", "b.safetensors", "--opset", "11"}),
             ContainsSubstring("option '--opset' is for --format onnx"));
}

TEST_CASE("convert writes nothing when a file cannot be imported") {
  const ConvertStudio studio;
  write_test_file(studio / "bad.pth", "GIF89a, and more of it");
  const ProgramResult result = studio.run({"import", "bad.pth", "a.safetensors"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, ContainsSubstring("convert: bad.pth: "));
  CHECK_FALSE(std::filesystem::exists(studio / "a.safetensors"));
}
