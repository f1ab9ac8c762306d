#include "impasto/style/style_model.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/json.h"
#include "impasto/base/text.h"
#include "impasto/style/parameters.h"

namespace impasto {

namespace {

constexpr const char* kFormat = "impasto.style/1";
constexpr std::string_view kTrainingPrefix = "training.";

std::vector<std::string> parse_styles(const std::string& text, const std::string& where) {
  const Json list = parse_json(text, where);
  if (!list.is_array()) {
    throw FormatError(where + ": expected a list of names, found " + describe(list));
  }
  std::vector<std::string> styles;
  for (const Json& name : list) {
    if (!name.is_string()) throw FormatError(where + ": expected a name, found " + describe(name));
    styles.push_back(name.get<std::string>());
  }
  return styles;
}

void check_style_names(const std::vector<std::string>& styles,
                       int expected,
                       const std::string& where) {
  if (styles.size() != static_cast<std::size_t>(expected)) {
    throw FormatError(where + ": styles: expected " + std::to_string(expected) + " names, found " +
                      std::to_string(styles.size()));
  }
  std::set<std::string> seen;
  for (const std::string& name : styles) {
    if (name.empty()) throw FormatError(where + ": styles: expected names, found an empty one");
    if (!seen.insert(name).second) {
      throw FormatError(where + ": styles: expected different names, found '" + name + "' twice");
    }
  }
}

void check_tensor(const HostTensor& tensor,
                  const std::vector<std::int64_t>& shape,
                  const std::string& place) {
  if (tensor.shape != shape) {
    throw FormatError(place + "expected " + shape_string(shape) + ", found " +
                      shape_string(tensor.shape));
  }
  if (tensor.dtype != DType::kFloat32 && tensor.dtype != DType::kFloat16 &&
      tensor.dtype != DType::kBFloat16) {
    throw FormatError(place + "expected F32, F16 or BF16, found " +
                      std::string(name_of(tensor.dtype)));
  }
  const auto size = static_cast<std::size_t>(tensor.numel()) * size_of(tensor.dtype);
  if (tensor.data.size() != size) {
    throw FormatError(place + "expected " + std::to_string(size) + " bytes, found " +
                      std::to_string(tensor.data.size()));
  }
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(tensor.to_floats(), is_finite)) {
    throw FormatError(place + "expected finite numbers, found infinity or NaN");
  }
}

/// Removes and returns the metadata entry `key`.
std::string take(std::map<std::string, std::string>& metadata,
                 const std::string& key,
                 const std::string& where) {
  auto entry = metadata.extract(key);
  if (entry.empty()) throw FormatError(where + ": metadata: expected '" + key + "', found none");
  return std::move(entry.mapped());
}

}  // namespace

void StyleModel::validate(const std::string& where) const {
  std::vector<ParameterSpec> specs;
  try {
    specs = parameter_specs(generator);
  } catch (const ConfigError& error) {
    throw FormatError(where + ": generator: " + error.what());
  }
  check_style_names(styles, generator.styles, where);

  std::set<std::string> expected;
  for (const ParameterSpec& spec : specs) {
    expected.insert(spec.name);
    const std::string place = where + ": tensor '" + spec.name + "': ";
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) {
      throw FormatError(place + "expected " + shape_string(spec.shape) + ", found none");
    }
    check_tensor(found->second, spec.shape, place);
  }
  for (const auto& [name, tensor] : tensors) {
    if (!expected.contains(name)) {
      throw FormatError(where + ": tensor '" + name + "': not expected in this generator, found " +
                        shape_string(tensor.shape));
    }
  }
}

StyleModel StyleModel::from_tensor_file(TensorFile file, const std::string& where) {
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || !format->second.starts_with("impasto.style/")) {
    throw FormatError(where + ": not an Impasto style model: expected metadata 'format' to be '" +
                      kFormat + "', found " +
                      (format == file.metadata.end() ? "none" : "'" + format->second + "'"));
  }
  if (format->second != kFormat) {
    throw FormatError(where + ": this version of Impasto reads '" + kFormat + "', found '" +
                      format->second + "'");
  }

  StyleModel model;
  const std::string generator = take(file.metadata, "generator", where);
  try {
    model.generator = generator_config_from_json(generator, where + ": generator");
  } catch (const ConfigError& error) {
    throw FormatError(error.what());
  }
  model.styles = parse_styles(take(file.metadata, "styles", where), where + ": styles");
  for (auto& [key, value] : file.metadata) {
    if (key.starts_with(kTrainingPrefix)) {
      model.training.emplace(key.substr(kTrainingPrefix.size()), std::move(value));
    }
  }
  model.tensors = std::move(file.tensors);
  model.validate(where);
  return model;
}

StyleModel StyleModel::load(const std::filesystem::path& path) {
  return from_tensor_file(read_safetensors(path), path.string());
}

TensorFile StyleModel::to_tensor_file() const {
  TensorFile file;
  file.metadata["format"] = kFormat;
  file.metadata["generator"] = to_json(generator);
  file.metadata["styles"] = to_text(Json(styles), "style names");
  for (const auto& [key, value] : training) {
    file.metadata[std::string(kTrainingPrefix) + key] = value;
  }
  file.tensors = tensors;
  return file;
}

void StyleModel::save(const std::filesystem::path& path) const {
  validate(path.string());
  write_safetensors(path, to_tensor_file());
}

int StyleModel::style_index(const std::string& name) const {
  if (name.empty()) return 0;
  const auto found = std::ranges::find(styles, name);
  if (found == styles.end()) {
    throw ConfigError("style: expected one of " + join(styles) + ", found '" + name + "'" +
                      did_you_mean(name, styles));
  }
  return static_cast<int>(found - styles.begin());
}

}  // namespace impasto
