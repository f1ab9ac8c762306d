#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "impasto/base/safetensors.h"

namespace impasto {

/// Reads the tensors of a file that Python's torch.save has written: a state_dict, or a dict that
/// holds exactly one; zip files (since PyTorch 1.6) and the older form. A "module." in front of
/// every name (DataParallel) is removed. Nothing in the file is run: see docs/interop.md.
///
/// Takes about twice the file's size in memory. Throws IoError, and FormatError that starts with
/// the file's name: for a file that is damaged or holds anything but tensors, strings, numbers and
/// containers, whose name it gives, and for tensors that together take more bytes than the file.
TensorFile read_torch_checkpoint(const std::filesystem::path& path);

/// The same from memory; `name` stands for the path in messages.
TensorFile parse_torch_checkpoint(std::span<const std::byte> bytes, const std::string& name);

/// Whether `bytes` begin as such a file does, in either form.
bool is_torch_checkpoint(std::span<const std::byte> bytes);

}  // namespace impasto
