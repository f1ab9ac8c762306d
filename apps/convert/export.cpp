#include <charconv>
#include <iostream>

#include "convert/arguments.h"
#include "convert/commands.h"
#include "impasto/base/atomic_file.h"
#include "impasto/interop/export_model.h"
#include "impasto/interop/onnx_writer.h"
#include "impasto/interop/torchscript_writer.h"
#include "impasto/style/style_model.h"

namespace impasto::cli {
namespace {

enum class Format { kOnnx, kTorchScript, kSafetensors, kModel };

Format format_of(const cxxopts::ParseResult& arguments, const std::filesystem::path& out) {
  if (arguments.count("format") > 0) {
    return chosen<Format>(arguments,
                          "format",
                          {{"onnx", Format::kOnnx},
                           {"torchscript", Format::kTorchScript},
                           {"safetensors", Format::kSafetensors},
                           {"model", Format::kModel}});
  }
  const std::string extension = lower_case(out.extension().string());
  if (extension == ".onnx") return Format::kOnnx;
  if (extension == ".pt") return Format::kTorchScript;
  if (extension == ".safetensors") return Format::kSafetensors;
  throw UsageError(out.string() +
                   ": expected the extension .onnx, .pt or .safetensors, or option '--format'");
}

/// "640x480" as width and height.
void read_size(const std::string& text, OnnxOptions& options) {
  const char* end = text.data() + text.size();
  const auto width = std::from_chars(text.data(), end, options.width);
  const bool divided = width.ec == std::errc() && width.ptr != end && *width.ptr == 'x';
  if (divided) {
    const auto height = std::from_chars(width.ptr + 1, end, options.height);
    if (height.ec == std::errc() && height.ptr == end && options.width > 0 && options.height > 0) {
      return;
    }
  }
  throw UsageError("option '--size': expected width and height as in 640x480, found '" + text +
                   "'");
}

OnnxOptions onnx_options(const cxxopts::ParseResult& arguments) {
  OnnxOptions options;
  options.half = arguments.count("half") > 0;
  if (arguments.count("opset") > 0) options.opset = number_of(arguments, "opset");
  if (arguments.count("size") > 0) read_size(text_of(arguments, "size"), options);
  return options;
}

void require_no_onnx_option(const cxxopts::ParseResult& arguments) {
  for (const char* option : {"opset", "size"}) {
    if (arguments.count(option) > 0) {
      throw UsageError("option '--" + std::string(option) + "' is for --format onnx");
    }
  }
}

void to_half(std::map<std::string, HostTensor>& tensors) {
  for (auto& [name, tensor] : tensors) tensor = tensor.converted_to(DType::kFloat16);
}

}  // namespace

void export_command(const cxxopts::ParseResult& arguments) {
  const auto in = file_of(arguments, "in", "the style model to export");
  const auto out = file_of(arguments, "out", "the file to write");
  require_another_file(in, out);
  const Format format = format_of(arguments, out);
  StyleModel model = StyleModel::load(in);
  if (arguments.count("style") > 0) {
    model = with_one_style(model, model.style_index(text_of(arguments, "style")));
  }
  if (arguments.count("margin") > 0) model.generator.margin = number_of(arguments, "margin", 0);
  model.generator.validate();
  const bool half = arguments.count("half") > 0;
  if (format != Format::kOnnx) require_no_onnx_option(arguments);
  std::string description;
  switch (format) {
    case Format::kOnnx: {
      const OnnxOptions options = onnx_options(arguments);
      write_file_atomically(out, to_onnx(model, options));
      description =
          "ONNX, opset " + std::to_string(options.opset) + ", pictures of " +
          (options.width > 0 ? std::to_string(options.width) + "x" + std::to_string(options.height)
                             : std::string("any size"));
      break;
    }
    case Format::kTorchScript:
      write_file_atomically(out, to_torchscript(model, half));
      description = "TorchScript";
      break;
    case Format::kSafetensors: {
      TensorFile file = to_examples_tensors(model);
      if (half) to_half(file.tensors);
      write_safetensors(out, file);
      description = "safetensors with the names of pytorch/examples";
      if (model.generator.margin > 0) description += ", whose network has no margin";
      break;
    }
    case Format::kModel:
      if (half) to_half(model.tensors);
      model.save(out);
      description = "style model";
      break;
  }
  std::cout << out.string() << ": " << description << ", styles: " << join(model.styles) << "\n";
}

}  // namespace impasto::cli
