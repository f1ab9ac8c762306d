#include "impasto/train/checkpoint.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "impasto.checkpoint/1";

// Names and members of what is kept as JSON, once for both directions.
template <class State, class Visit>
void for_each_entry(State& checkpoint, const Visit& visit) {
  visit("styles", checkpoint.styles);
  visit("step", checkpoint.step);
  visit("skipped", checkpoint.skipped);
  visit("skipped_in_a_row", checkpoint.skipped_in_a_row);
  visit("averaged", checkpoint.averaged);
  visit("seconds", checkpoint.seconds);
  visit("metrics", checkpoint.metrics);
  visit("style_weight", checkpoint.style_weight);
  visit("environment", checkpoint.environment);
  visit("photos", checkpoint.photos);
  visit("paintings", checkpoint.paintings);
  visit("loss_network", checkpoint.loss_network);
  visit("losses", checkpoint.losses);
  visit("loss_scales", checkpoint.loss_scales);
  visit("bad_pictures", checkpoint.bad_pictures);
}

const std::string& entry_of(const TensorFile& file, const char* key, const std::string& where) {
  const auto entry = file.metadata.find(key);
  if (entry == file.metadata.end()) {
    throw FormatError(where + ": metadata: expected '" + key + "', found none");
  }
  return entry->second;
}

void require_format(const TensorFile& file, const std::string& where) {
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second == kFormat) return;
  throw FormatError(where +
                    ": not a checkpoint that this version of Impasto reads: expected metadata "
                    "'format' to be '" +
                    kFormat + "', found " +
                    (format == file.metadata.end() ? "none" : "'" + format->second + "'"));
}

Checkpoint checkpoint_of(TensorFile file, const std::string& where) {
  require_format(file, where);
  Checkpoint checkpoint;
  try {
    checkpoint.config = train_config_from_json(entry_of(file, "config", where), where + ": config");
    for_each_entry(checkpoint, [&](const char* key, auto& value) {
      Json::parse(entry_of(file, key, where)).get_to(value);
    });
  } catch (const ConfigError& error) {
    throw FormatError(error.what());
  } catch (const Json::exception& error) {
    throw FormatError(where + ": metadata: " + error.what());
  }
  checkpoint.tensors = std::move(file.tensors);
  return checkpoint;
}

TensorFile file_of(const Checkpoint& checkpoint) {
  TensorFile file{.metadata = {{"format", kFormat}, {"config", to_json(checkpoint.config)}},
                  .tensors = checkpoint.tensors};
  for_each_entry(checkpoint, [&](const char* key, const auto& value) {
    file.metadata[key] = Json(value).dump();
  });
  return file;
}

}  // namespace

Checkpoint Checkpoint::load(const std::filesystem::path& path) {
  return checkpoint_of(read_safetensors(path), path.string());
}

Checkpoint Checkpoint::parse(std::span<const std::byte> bytes, const std::string& name) {
  return checkpoint_of(parse_safetensors(bytes, name), name);
}

std::vector<std::byte> Checkpoint::serialize() const {
  return serialize_safetensors(file_of(*this));
}

void Checkpoint::save(const std::filesystem::path& path) const {
  write_safetensors(path, file_of(*this));
}

}  // namespace impasto
