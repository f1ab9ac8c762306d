#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "impasto/base/host_tensor.h"

namespace impasto {

/// What a safetensors file holds: named tensors and string metadata.
struct TensorFile {
  std::map<std::string, std::string> metadata;  ///< Free texts by key.
  std::map<std::string, HostTensor> tensors;    ///< By name.
};

/// Reads a whole file. Throws IoError when it cannot be opened or read, and FormatError for
/// anything that the format forbids: a header that is cut, over 100 MB or no JSON object; duplicate
/// names; unknown types; sizes that do not fit shape and type; ranges that overlap, leave gaps or
/// pass the end.
///
/// Format: https://github.com/huggingface/safetensors#format
TensorFile read_safetensors(const std::filesystem::path& path);

/// The same from memory; `name` stands for the path in messages.
TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name);

/// Tensors are laid out by falling element size, then by name: each is aligned to its elements, and
/// equal content gives equal bytes. Throws ConfigError for a tensor whose data does not fit its
/// shape and type.
std::vector<std::byte> serialize_safetensors(const TensorFile& file);

/// Writes atomically: see write_file_atomically.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace impasto
