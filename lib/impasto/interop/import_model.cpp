#include "impasto/interop/import_model.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/text.h"
#include "impasto/interop/foreign_style.h"
#include "impasto/interop/network_names.h"
#include "impasto/interop/torch_checkpoint.h"

namespace impasto {
namespace {

constexpr int kMostBlocks = 16;

std::string module_of(const std::string& tensor) { return tensor.substr(0, tensor.rfind('.')); }

std::map<std::string, std::string> theirs_to_ours(const Dialect& dialect, int blocks) {
  std::map<std::string, std::string> names;
  for (const auto& [ours, theirs] : dialect.modules(blocks)) names[theirs] = ours;
  return names;
}

std::size_t count_known(const TensorFile& file, const std::map<std::string, std::string>& names) {
  return static_cast<std::size_t>(std::ranges::count_if(
      file.tensors, [&](const auto& entry) { return names.contains(module_of(entry.first)); }));
}

struct Recognized {
  const Dialect* dialect = nullptr;
  int blocks = 0;
  std::size_t known = 0;
};

/// The dialect that has a place for the most tensors, with the fewest blocks that do.
Recognized recognize(const TensorFile& file) {
  Recognized best;
  for (const Dialect& dialect : dialects()) {
    for (int blocks = 1; blocks <= kMostBlocks; ++blocks) {
      const std::size_t known = count_known(file, theirs_to_ours(dialect, blocks));
      if (known > best.known) best = {&dialect, blocks, known};
    }
  }
  return best;
}

std::string first_names(const TensorFile& file) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> names;
  for (const auto& [name, tensor] : file.tensors) {
    if (names.size() == kShown) break;
    names.push_back("'" + name + "'");
  }
  return names.empty() ? "no tensor" : join(names) + (file.tensors.size() > kShown ? ", ..." : "");
}

/// Instance norm of before PyTorch 0.4 kept statistics that it never used, without counting
/// batches; those of a batch norm are counted.
bool has_unused_statistics(const TensorFile& file) {
  return std::ranges::none_of(file.tensors, [](const auto& entry) {
    return entry.first.ends_with(".num_batches_tracked");
  });
}

bool is_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var");
}

struct Vgg {
  std::string name;
  std::array<int, 5> convolutions;  // between two poolings
};

const std::array<Vgg, 2> kVggs = {{{"vgg16", {2, 2, 3, 3, 3}}, {"vgg19", {2, 2, 4, 4, 4}}}};

/// Names and shapes of the convolutions, as torchvision has them.
std::map<std::string, std::vector<std::int64_t>> vgg_tensors(const Vgg& vgg) {
  constexpr std::array<std::int64_t, 5> kChannels = {64, 128, 256, 512, 512};
  std::map<std::string, std::vector<std::int64_t>> tensors;
  std::int64_t in = 3;
  int position = 0;  // ReLU and pooling count too.
  for (std::size_t block = 0; block < kChannels.size(); ++block, ++position) {
    for (int i = 0; i < vgg.convolutions[block]; ++i, position += 2) {
      const std::string layer = "features." + std::to_string(position);
      tensors[layer + ".weight"] = {kChannels[block], in, 3, 3};
      tensors[layer + ".bias"] = {kChannels[block]};
      in = kChannels[block];
    }
  }
  return tensors;
}

/// The one whose last convolution is there.
const Vgg* vgg_of(const TensorFile& file) {
  const auto has = [&](const char* name) { return file.tensors.contains(name); };
  if (!has("features.0.weight")) return nullptr;
  return &kVggs[has("features.34.weight") ? 1 : 0];
}

}  // namespace

ImportedStyle import_style(const TensorFile& file,
                           const std::string& where,
                           const ImportOptions& options) {
  const Recognized recognized = recognize(file);
  if (2 * recognized.known < file.tensors.size() || recognized.known == 0) {
    std::vector<std::string> programs;
    for (const Dialect& dialect : dialects()) {
      if (!std::ranges::count(programs, dialect.program)) programs.push_back(dialect.program);
    }
    throw FormatError(where + ": expected the tensor names of " + join(programs) +
                      " or torchvision's VGG, found " + first_names(file));
  }
  ForeignStyle style{recognized.dialect->program, recognized.dialect->pixels, {}, {}, {}};
  const auto names = theirs_to_ours(*recognized.dialect, recognized.blocks);
  for (const auto& [theirs, ours] : names) style.names[ours] = theirs;
  const bool drop_statistics = has_unused_statistics(file);
  for (const auto& [name, tensor] : file.tensors) {
    if (name.ends_with(".num_batches_tracked")) continue;
    if (drop_statistics && is_statistic(name)) continue;
    const std::string module = module_of(name);
    const auto found = names.find(module);
    if (found == names.end()) {
      style.strangers[name] = tensor.shape;
    } else {
      style.tensors[found->second + name.substr(module.size())] = {name, tensor};
    }
  }
  return assemble(std::move(style), where, options);
}

bool is_vgg(const TensorFile& file) { return vgg_of(file) != nullptr; }

TensorFile import_vgg(const TensorFile& file, const std::string& where) {
  const Vgg* vgg = vgg_of(file);
  if (vgg == nullptr) {
    throw FormatError(where + ": expected torchvision's VGG16 or VGG19, found " +
                      first_names(file));
  }
  const auto expected = vgg_tensors(*vgg);
  TensorFile result;
  result.metadata = {{"architecture", vgg->name},
                     {"mean", "[0.485, 0.456, 0.406]"},
                     {"std", "[0.229, 0.224, 0.225]"}};
  for (const char* key : {"mean", "std"}) {
    const auto found = file.metadata.find(key);
    if (found != file.metadata.end()) result.metadata[key] = found->second;
  }
  std::vector<std::string> problems;
  for (const auto& [name, shape] : expected) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end() || found->second.shape != shape) {
      problems.push_back(
          "'" + name + "': expected " + shape_string(shape) + ", found " +
          (found == file.tensors.end() ? "none" : shape_string(found->second.shape)));
      continue;
    }
    const DType dtype = found->second.dtype;
    if (dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat32) {
      result.tensors[name] = found->second;
    } else if (dtype == DType::kFloat64) {
      result.tensors[name] = found->second.converted_to(DType::kFloat32);
    } else {
      problems.push_back("'" + name + "': expected floating-point numbers, found " +
                         std::string(name_of(dtype)));
    }
  }
  for (const auto& [name, tensor] : file.tensors) {
    if (expected.contains(name) || name.starts_with("classifier.")) continue;
    problems.push_back("'" + name + "': not expected, found " + shape_string(tensor.shape));
  }
  if (!problems.empty()) {
    throw FormatError(where + ": the names are those of " + vgg->name +
                      ", but these tensors are not (with batch norm it is another network):\n  " +
                      join(problems, "\n  "));
  }
  return result;
}

ImportedFile import_file(const std::filesystem::path& path, const ImportOptions& options) {
  const std::string where = path.string();
  const auto describe = [](ImportedStyle style) {
    const GeneratorConfig& config = style.model.generator;
    return ImportedFile{style.model.to_tensor_file(),
                        "style '" + style.model.styles[0] + "' from " + style.source + ": " +
                            std::to_string(config.base_channels) + " channels, " +
                            std::to_string(config.residual_blocks) + " residual blocks"};
  };
  if (lower_case(path.extension().string()) == ".onnx") {
    return describe(import_onnx_style(path, options));
  }
  const std::vector<std::byte> bytes = read_file(path);
  const TensorFile file = is_torch_checkpoint(bytes) ? parse_torch_checkpoint(bytes, where)
                                                     : parse_safetensors(bytes, where);
  if (file.metadata.contains("format") && file.metadata.at("format").starts_with("impasto.")) {
    throw FormatError(where + ": is a style model of Impasto already; use it as it is");
  }
  if (is_vgg(file)) {
    TensorFile vgg = import_vgg(file, where);
    const std::string description = "loss network " + vgg.metadata.at("architecture");
    return {std::move(vgg), description};
  }
  return describe(import_style(file, where, options));
}

}  // namespace impasto
