#include "impasto/interop/torch_checkpoint.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/text.h"
#include "impasto/interop/pickle.h"
#include "impasto/interop/zip_archive.h"

namespace impasto {
namespace {

using pickle::Dict;
using pickle::List;
using pickle::Storage;
using pickle::Tensor;
using pickle::Value;

/// The pickle of the number 0x1950a86a20f9469cfc6c, which files of before PyTorch 1.6 begin with;
/// the byte left out is the pickle protocol.
constexpr std::array<unsigned char, 13> kLegacyMagic = {
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};
constexpr std::size_t kLegacyPrefix = 2;  // PROTO and its number

bool is_legacy(std::span<const std::byte> bytes) {
  return bytes.size() >= kLegacyPrefix + kLegacyMagic.size() && bytes[0] == std::byte{0x80} &&
         std::memcmp(bytes.data() + kLegacyPrefix, kLegacyMagic.data(), kLegacyMagic.size()) == 0;
}

/// The bytes of a storage. Throws FormatError.
using StorageBytes = std::function<std::span<const std::byte>(const Storage&)>;

/// Turns what a pickle holds into tensors by name.
class StateDict {
 public:
  StateDict(const std::string& where, std::uint64_t most_bytes, StorageBytes storage_bytes)
      : where_(where), left_(most_bytes), storage_bytes_(std::move(storage_bytes)) {}

  TensorFile read(const Value& value) {
    TensorFile file;
    const Dict& dict = find(value);
    for (const auto& [key, item] : dict.entries) {
      const auto* name = key->as<std::string>();
      const auto* tensor = item->as<Tensor>();
      if (name == nullptr || tensor == nullptr) continue;
      if (!file.tensors.emplace(*name, materialize(*name, *tensor)).second) {
        fail("tensor '" + *name + "' stands twice");
      }
    }
    return without_prefix(std::move(file), "module.");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FormatError(where_ + ": " + what); }

  static bool holds_tensors(const Value& value) {
    const auto* dict = value.as<Dict>();
    return dict != nullptr && std::ranges::any_of(dict->entries, [](const auto& entry) {
             return entry.second->template as<Tensor>() != nullptr;
           });
  }

  /// The state_dict itself, or the only one among a training checkpoint's entries.
  const Dict& find(const Value& value) const {
    const auto* dict = value.as<Dict>();
    if (dict == nullptr) fail("expected a state_dict, found no dict; save model.state_dict()");
    if (holds_tensors(value)) return *dict;
    const Dict* found = nullptr;
    std::vector<std::string> names;
    for (const auto& [key, item] : dict->entries) {
      if (!holds_tensors(*item)) continue;
      found = item->as<Dict>();
      const auto* name = key->as<std::string>();
      names.push_back(name != nullptr ? "'" + *name + "'" : "one without a name");
    }
    if (found == nullptr) fail("expected tensors by name, found none");
    if (names.size() > 1) {
      fail("expected one state_dict, found " + join(names) + "; save the network's alone");
    }
    return *found;
  }

  HostTensor materialize(const std::string& name, const Tensor& tensor) {
    const auto wrong = [&](const std::string& what) { fail("tensor '" + name + "': " + what); };
    if (tensor.shape.size() != tensor.strides.size()) wrong("shape and strides differ in length");
    const std::size_t element = size_of(tensor.storage.dtype);
    std::uint64_t numel = 1;
    for (const std::int64_t extent : tensor.shape) {
      const auto size = static_cast<std::uint64_t>(extent);
      if (size != 0 && numel > left_ / size) too_large(name);
      numel *= size;
    }
    if (numel > left_ / element) too_large(name);
    left_ -= numel * element;

    HostTensor result{tensor.storage.dtype, tensor.shape, {}};
    if (numel == 0) return result;
    const std::span<const std::byte> bytes = storage_bytes_(tensor.storage);
    if (!lies_within(tensor, bytes.size() / element)) {
      wrong("expected to lie within its storage of " + std::to_string(bytes.size() / element) +
            " values, found offset " + std::to_string(tensor.offset) + ", shape " +
            shape_string(tensor.shape) + ", strides " + shape_string(tensor.strides));
    }
    result.data.resize(static_cast<std::size_t>(numel) * element);
    std::vector<std::int64_t> strides = tensor.strides;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      if (tensor.shape[axis] == 1) strides[axis] = 0;  // It may be any number, and is never used.
    }
    std::vector<std::int64_t> index(tensor.shape.size(), 0);
    std::int64_t from = tensor.offset;
    for (std::byte* to = result.data.data(); to != result.data.data() + result.data.size();
         to += element) {
      std::memcpy(to, bytes.data() + static_cast<std::size_t>(from) * element, element);
      for (std::size_t axis = index.size(); axis-- > 0;) {
        from += strides[axis];
        if (++index[axis] < tensor.shape[axis]) break;
        from -= strides[axis] * tensor.shape[axis];
        index[axis] = 0;
      }
    }
    return result;
  }

  /// For a tensor that is not empty.
  static bool lies_within(const Tensor& tensor, std::size_t count) {
    if (tensor.offset < 0 || static_cast<std::uint64_t>(tensor.offset) >= count) return false;
    std::uint64_t left = count - 1 - static_cast<std::uint64_t>(tensor.offset);
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      const auto steps = static_cast<std::uint64_t>(tensor.shape[axis]) - 1;
      const auto stride = static_cast<std::uint64_t>(tensor.strides[axis]);
      if (steps != 0 && stride > left / steps) return false;
      left -= steps * stride;
    }
    return true;
  }

  [[noreturn]] void too_large(const std::string& name) const {
    fail("tensor '" + name + "': the tensors up to here take more bytes than the file has");
  }

  static TensorFile without_prefix(TensorFile file, const std::string& prefix) {
    if (!std::ranges::all_of(file.tensors,
                             [&](const auto& entry) { return entry.first.starts_with(prefix); })) {
      return file;
    }
    TensorFile result;
    for (auto& [name, tensor] : file.tensors) {
      result.tensors.emplace(name.substr(prefix.size()), std::move(tensor));
    }
    return result;
  }

  const std::string& where_;
  std::uint64_t left_;
  StorageBytes storage_bytes_;
};

void require_size(const Storage& storage, std::size_t found, const std::string& where) {
  const auto expected = static_cast<std::uint64_t>(storage.numel);
  if (expected > found || expected * size_of(storage.dtype) != found) {
    throw FormatError(where + ": storage '" + storage.key + "': expected " +
                      std::to_string(storage.numel) + " values of " +
                      std::to_string(size_of(storage.dtype)) + " bytes, found " +
                      std::to_string(found) + " bytes");
  }
}

/// archive/data.pkl with archive/data/<key> beside it.
TensorFile read_zip(std::span<const std::byte> bytes, const std::string& where) {
  const ZipArchive archive(bytes, where);
  if (archive.contains("constants.pkl")) {
    throw FormatError(where +
                      ": expected a state_dict, found a TorchScript program, whose code is not run "
                      "here; save model.state_dict() with torch.save");
  }
  if (archive.contains("byteorder")) {
    const auto order = archive.read("byteorder");
    if (std::string(reinterpret_cast<const char*>(order.data()), order.size()) != "little") {
      throw FormatError(where + ": expected a file from a little-endian machine");
    }
  }
  const std::vector<std::byte> program = archive.read("data.pkl");
  pickle::Values values;
  std::span<const std::byte> rest = program;
  const Value& value = pickle::read(rest, values, where);
  std::map<std::string, std::vector<std::byte>> storages;
  return StateDict(where,
                   bytes.size(),
                   [&](const Storage& storage) -> std::span<const std::byte> {
                     auto found = storages.find(storage.key);
                     if (found == storages.end()) {
                       found =
                           storages.emplace(storage.key, archive.read("data/" + storage.key)).first;
                     }
                     require_size(storage, found->second.size(), where);
                     return found->second;
                   })
      .read(value);
}

/// Pickles one behind the other (magic number, version, the writing system, the object, the keys of
/// the storages), then for each key the number of values and their bytes.
TensorFile read_legacy(std::span<const std::byte> bytes, const std::string& where) {
  const auto fail = [&](const std::string& what) { throw FormatError(where + ": " + what); };
  pickle::Values values;
  std::span<const std::byte> rest = bytes.subspan(kLegacyPrefix + kLegacyMagic.size());
  const auto* version = pickle::read(rest, values, where).as<std::int64_t>();
  if (version == nullptr || *version != 1001) fail("expected version 1001 of the old form");
  if (const auto* system = pickle::read(rest, values, where).as<Dict>()) {
    for (const auto& [key, value] : system->entries) {
      const auto* name = key->as<std::string>();
      const auto* holds = value->as<bool>();
      if (name != nullptr && *name == "little_endian" && holds != nullptr && !*holds) {
        fail("expected a file from a little-endian machine");
      }
    }
  }
  const Value& object = pickle::read(rest, values, where);
  const auto* keys = pickle::read(rest, values, where).as<List>();
  if (keys == nullptr) fail("expected the list of its storages");

  // A storage's type, and so its size in bytes, stands only where it is used.
  std::map<std::string, std::size_t> element_sizes;
  for (const Value& value : values) {
    if (const auto* storage = value.as<Storage>()) {
      element_sizes.emplace(storage->key, size_of(storage->dtype));
    }
  }
  std::map<std::string, std::span<const std::byte>> storages;
  for (const Value* key : keys->items) {
    const auto* name = key->as<std::string>();
    if (name == nullptr || !element_sizes.contains(*name)) fail("lists a storage that is not used");
    std::int64_t count = 0;
    if (rest.size() < sizeof count) fail("the file is cut in its storages");
    std::memcpy(&count, rest.data(), sizeof count);
    rest = rest.subspan(sizeof count);
    const std::size_t element = element_sizes.at(*name);
    if (count < 0 || static_cast<std::uint64_t>(count) > rest.size() / element) {
      fail("the file is cut: expected " + std::to_string(count) + " values of storage '" + *name +
           "', found " + std::to_string(rest.size() / element));
    }
    const std::size_t size = static_cast<std::size_t>(count) * element;
    storages[*name] = rest.first(size);
    rest = rest.subspan(size);
  }
  return StateDict(where,
                   bytes.size(),
                   [&](const Storage& storage) {
                     const auto found = storages.find(storage.key);
                     if (found == storages.end())
                       fail("expected the storage '" + storage.key + "'");
                     require_size(storage, found->second.size(), where);
                     return found->second;
                   })
      .read(object);
}

}  // namespace

bool is_torch_checkpoint(std::span<const std::byte> bytes) {
  return ZipArchive::begins(bytes) || is_legacy(bytes);
}

TensorFile parse_torch_checkpoint(std::span<const std::byte> bytes, const std::string& name) {
  if (ZipArchive::begins(bytes)) return read_zip(bytes, name);
  if (is_legacy(bytes)) return read_legacy(bytes, name);
  throw FormatError(name + ": expected a file that torch.save has written, found something else");
}

TensorFile read_torch_checkpoint(const std::filesystem::path& path) {
  return parse_torch_checkpoint(read_file(path), path.string());
}

}  // namespace impasto
