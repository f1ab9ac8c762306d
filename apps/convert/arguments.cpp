#include "convert/arguments.h"

#include <charconv>

namespace impasto::cli {
namespace {

constexpr const char* kExplanation = R"(
Examples:
  convert import mosaic.pth mosaic.safetensors
  convert import candy-9.onnx candy.safetensors --style candy
  convert import vgg19-dcbb9e9d.pth vgg19.safetensors --half
  convert export mosaic.safetensors mosaic.onnx
  convert export mosaic.safetensors mosaic.onnx --opset 11 --size 640x480
  convert export many.safetensors night.onnx --style night --half
  convert export mosaic.safetensors mosaic.pt
  convert export mosaic.safetensors clean.safetensors --format model --margin 8
  convert export mosaic.safetensors mosaic_examples.safetensors --format safetensors
  convert export many.safetensors small.safetensors --format model --style night --half
  convert info mosaic.safetensors

import reads what torch.save, safetensors and the ONNX model zoo's style networks hold, and writes a
style model for stylize, or, from torchvision's VGG16 or VGG19, a loss network for train. A file is
told by what is in it, and a network by the names and shapes of its tensors: those of
pytorch/examples, eriklindernoren/Fast-Neural-Style-Transfer and rrmina/fast-neural-style-pytorch.
Nothing in a file is run.

What a file does not say, --pixels and --output do: the numbers that the network calls pixels
(rgb255 and bgr255: 0 to 255; rgb1: 0 to 1; imagenet: 0 to 1, minus ImageNet's mean, divided by its
deviation), and what follows its last convolution.

export writes a style model for other programs. An ONNX model takes pictures of any size, as many at
once as one likes, and is of opset 17; with --size it is for one picture of one size, which OpenCV's
DNN module reads from opset 11. A model of several styles takes their shares as its second input,
style_weights, or is written for one of them, --style. TorchScript (.pt) is for torch.jit.load and
libtorch. safetensors has the names of pytorch/examples, whose program loads it. model is a style
model again: of one style of several, or half as large.

Exit codes:
  0  done
  1  failed: a file cannot be read or written, or holds something else
  2  wrong command line, or a model that the format cannot hold
)";

}  // namespace

cxxopts::Options convert_options() {
  cxxopts::Options options("convert", "Reads and writes other programs' models.\n");
  options.custom_help("import IN OUT | export IN OUT | info FILE [options]");
  options.positional_help("");
  options.set_width(100);
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options("Positional")("command", "", text())("in", "", text())("out", "", text());
  options.add_options("Import and export")  //
      ("style",
       "import: the style's name (default: that of IN without extension); export: one of the "
       "model's styles (default: all)",
       text(),
       "NAME")  //
      ("margin",
       "Pixels, 0 to 12, by which pictures are mirrored for the network and cut again, against "
       "borders that it makes dirty (default: import: 0, as in the other program; export: the "
       "model's)",
       text(),
       "N")  //
      ("half", "Write float16 weights: half the size");
  options.add_options("Import")  //
      ("pixels",
       "rgb255, bgr255, rgb1 or imagenet (default: as the program that trained it)",
       text(),
       "P")  //
      ("output", "linear, tanh or sigmoid (default: linear)", text(), "O");
  options.add_options("Export")  //
      ("format",
       "onnx, torchscript, safetensors or model (default: by OUT's extension)",
       text(),
       "F")                                                                              //
      ("size", "ONNX: the one size that the file is for (default: any)", text(), "WxH")  //
      ("opset", "ONNX: 11 to 17 (default: 17)", text(), "N");
  options.add_options("Other")              //
      ("help", "Print this text and stop")  //
      ("version", "Print the version and stop");
  options.parse_positional({"command", "in", "out"});
  return options;
}

std::string convert_help(const cxxopts::Options& options) {
  return options.help({"Import and export", "Import", "Export", "Other"}) + kExplanation;
}

std::string text_of(const cxxopts::ParseResult& arguments,
                    const std::string& option,
                    const std::string& otherwise) {
  return arguments.count(option) > 0 ? arguments[option].as<std::string>() : otherwise;
}

std::filesystem::path file_of(const cxxopts::ParseResult& arguments,
                              const std::string& name,
                              const std::string& what) {
  if (arguments.count(name) == 0) throw UsageError("expected " + what);
  return arguments[name].as<std::string>();
}

void require_another_file(const std::filesystem::path& in, const std::filesystem::path& out) {
  std::error_code ignored;
  if (std::filesystem::equivalent(in, out, ignored)) {
    throw UsageError(out.string() + ": the output would overwrite the input");
  }
}

int number_of(const cxxopts::ParseResult& arguments, const std::string& option, int least) {
  const std::string text = text_of(arguments, option);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least) {
    throw UsageError("option '--" + option + "': expected a whole number from " +
                     std::to_string(least) + ", found '" + text + "'");
  }
  return number;
}

}  // namespace impasto::cli
