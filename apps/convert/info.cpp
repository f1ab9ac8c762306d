#include <algorithm>
#include <iostream>
#include <sstream>

#include "convert/arguments.h"
#include "convert/commands.h"
#include "impasto/base/file.h"
#include "impasto/interop/import_model.h"
#include "impasto/interop/torch_checkpoint.h"
#include "impasto/style/style_model.h"

namespace impasto::cli {
namespace {

void add_tensors(std::ostringstream& text, const TensorFile& file) {
  std::size_t longest = 0;
  std::int64_t numbers = 0;
  for (const auto& [name, tensor] : file.tensors) {
    longest = std::max(longest, name.size());
    numbers += tensor.numel();
  }
  text << file.tensors.size() << " tensors, " << numbers << " numbers:\n";
  for (const auto& [name, tensor] : file.tensors) {
    text << "  " << name << std::string(longest - name.size() + 2, ' ') << name_of(tensor.dtype)
         << " " << shape_string(tensor.shape) << "\n";
  }
}

void add_style(std::ostringstream& text, const StyleModel& model) {
  text << "style model of Impasto\nstyles: " << join(model.styles)
       << "\ngenerator: " << to_json(model.generator) << "\n";
  for (const auto& [key, value] : model.training) {
    constexpr std::size_t kLongest = 70;
    const std::string line = value.substr(0, value.find('\n'));
    const bool cut = line.size() < value.size() || line.size() > kLongest;
    text << "training." << key << ": " << line.substr(0, kLongest) << (cut ? " ..." : "") << "\n";
  }
}

/// What it is, what it was made from, every tensor.
std::string info_text(const std::filesystem::path& path) {
  std::ostringstream text;
  if (lower_case(path.extension().string()) == ".onnx") {
    const ImportedStyle imported = import_onnx_style(path);
    text << "ONNX model of a style network that can be imported\n";
    add_style(text, imported.model);
    return text.str();
  }
  const std::vector<std::byte> bytes = read_file(path);
  const bool by_torch = is_torch_checkpoint(bytes);
  const TensorFile file = by_torch ? parse_torch_checkpoint(bytes, path.string())
                                   : parse_safetensors(bytes, path.string());
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second.starts_with("impasto.style/")) {
    add_style(text, StyleModel::from_tensor_file(file, path.string()));
  } else {
    text << (by_torch ? "file of torch.save" : "safetensors file") << "\n";
    for (const auto& [key, value] : file.metadata) text << key << ": " << value << "\n";
  }
  add_tensors(text, file);
  return text.str();
}

}  // namespace

void info_command(const cxxopts::ParseResult& arguments) {
  std::cout << printable(info_text(file_of(arguments, "in", "the file to look into")));
}

}  // namespace impasto::cli
