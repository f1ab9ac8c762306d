#include <iostream>

#include "convert/arguments.h"
#include "convert/commands.h"
#include "impasto/interop/import_model.h"

namespace impasto::cli {

void import_command(const cxxopts::ParseResult& arguments) {
  const auto in = file_of(arguments, "in", "the file to import");
  const auto out = file_of(arguments, "out", "the file to write");
  require_another_file(in, out);
  ImportOptions options;
  options.style = text_of(arguments, "style", in.stem().string());
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
  if (arguments.count("margin") > 0) options.margin = number_of(arguments, "margin", 0);
  ImportedFile imported = import_file(in, options);
  if (arguments.count("half") > 0) {
    for (auto& [name, tensor] : imported.file.tensors) {
      tensor = tensor.converted_to(DType::kFloat16);
    }
  }
  write_safetensors(out, imported.file);
  std::cout << out.string() << ": " << imported.description << "\n";
}

}  // namespace impasto::cli
