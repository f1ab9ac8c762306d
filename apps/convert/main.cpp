// convert: reads other programs' models, and tells what is in a file.

#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include "cli/console.h"
#include "cli/guard.h"
#include "cli/options.h"
#include "convert/info.h"
#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/interop/import_model.h"

namespace {

namespace fs = std::filesystem;
using namespace impasto;
using cli::UsageError;

constexpr const char* kProgram = "convert";

constexpr const char* kExplanation = R"(
Examples:
  convert import mosaic.pth mosaic.safetensors
  convert import candy-9.onnx candy.safetensors --style candy
  convert import vgg19-dcbb9e9d.pth vgg19.safetensors --half
  convert info mosaic.safetensors

import reads what torch.save, safetensors and the ONNX model zoo's style networks hold, and writes a
style model for stylize, or, from torchvision's VGG16 or VGG19, a loss network for train. A file is
told by what is in it, and a network by the names and shapes of its tensors: those of
pytorch/examples, eriklindernoren/Fast-Neural-Style-Transfer and rrmina/fast-neural-style-pytorch.
Nothing in a file is run.

What a file does not say, --pixels and --output do: the numbers that the network calls pixels
(rgb255 and bgr255: 0 to 255; rgb1: 0 to 1; imagenet: 0 to 1, minus ImageNet's mean, divided by its
deviation), and what follows its last convolution.

Exit codes:
  0  done
  1  failed: a file cannot be read or written, or holds something else
  2  wrong command line
)";

cxxopts::Options make_options() {
  cxxopts::Options options(kProgram, "Reads other programs' models.\n");
  options.custom_help("import IN OUT | info FILE [options]");
  options.positional_help("");
  options.set_width(100);
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options("Hidden")("command", "", text())("in", "", text())("out", "", text());
  options.add_options("Import")                                                                   //
      ("style", "Name of the style (default: the name of IN without extension)", text(), "NAME")  //
      ("pixels",
       "rgb255, bgr255, rgb1 or imagenet (default: as the program that trained it)",
       text(),
       "P")                                                                 //
      ("output", "linear, tanh or sigmoid (default: linear)", text(), "O")  //
      ("half", "Write float16 weights: half the size");
  options.add_options("Other")              //
      ("help", "Print this text and stop")  //
      ("version", "Print the version and stop");
  options.parse_positional({"command", "in", "out"});
  return options;
}

std::string positional(const cxxopts::ParseResult& arguments,
                       const std::string& name,
                       const std::string& what) {
  if (arguments.count(name) == 0) throw UsageError("expected " + what);
  return arguments[name].as<std::string>();
}

/// The value that goes by the name which `option` gives.
template <class Value>
Value chosen(const cxxopts::ParseResult& arguments,
             const std::string& option,
             const std::map<std::string, Value>& values) {
  const std::string name = arguments[option].as<std::string>();
  if (const auto found = values.find(name); found != values.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, value] : values) names.push_back(known);
  throw UsageError("option '--" + option + "': expected " + join(names) + ", found '" + name + "'" +
                   did_you_mean(name, names));
}

void require_new(const fs::path& in, const fs::path& out) {
  std::error_code ignored;
  if (fs::equivalent(in, out, ignored)) {
    throw UsageError(out.string() + ": the output would overwrite the input");
  }
}

int import(const cxxopts::ParseResult& arguments) {
  const fs::path in = positional(arguments, "in", "the file to import");
  const fs::path out = positional(arguments, "out", "the file to write");
  require_new(in, out);
  ImportOptions options;
  options.style =
      arguments.count("style") > 0 ? arguments["style"].as<std::string>() : in.stem().string();
  if (arguments.count("pixels") > 0) {
    options.pixels = chosen<Pixels>(arguments,
                                    "pixels",
                                    {{"rgb255", Pixels::kRgb255},
                                     {"bgr255", Pixels::kBgr255},
                                     {"rgb1", Pixels::kRgb1},
                                     {"imagenet", Pixels::kImageNet}});
  }
  if (arguments.count("output") > 0) {
    options.output = chosen<Output>(
        arguments,
        "output",
        {{"linear", Output::kLinear}, {"tanh", Output::kTanh}, {"sigmoid", Output::kSigmoid}});
  }
  ImportedFile imported = import_file(in, options);
  if (arguments.count("half") > 0) {
    for (auto& [name, tensor] : imported.file.tensors) {
      tensor = tensor.converted_to(DType::kFloat16);
    }
  }
  write_safetensors(out, imported.file);
  std::cout << out.string() << ": " << imported.description << "\n";
  return cli::kDone;
}

int run(int argc, char** argv) {
  cxxopts::Options options = make_options();
  const cxxopts::ParseResult arguments = cli::parse(options, argc, argv);
  if (cli::print_about(arguments,
                       {.program = kProgram,
                        .help =
                            [&] {
                              return options.help({"Import", "Other"}) + kExplanation;
                            },
                        .schema = {}})) {
    return cli::kDone;
  }
  const std::string command = positional(arguments, "command", "import or info, found nothing");
  if (command == "import") return import(arguments);
  if (command == "info") {
    std::cout << cli::info_text(positional(arguments, "in", "the file to look into"));
    return cli::kDone;
  }
  throw UsageError("expected import or info, found '" + command + "'" +
                   did_you_mean(command, std::vector<std::string>{"import", "info"}));
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_main(kProgram, [&] { return run(argc, argv); });
}
