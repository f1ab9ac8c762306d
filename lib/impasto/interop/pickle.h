#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "impasto/base/host_tensor.h"

namespace impasto::pickle {

struct Value;

struct None {};
struct Tuple {
  std::vector<const Value*> items;
};
struct List {
  std::vector<const Value*> items;
};
/// In the order of insertion; a key may stand twice, and then the last one counts.
struct Dict {
  std::vector<std::pair<const Value*, const Value*>> entries;
};

/// What a pickle may name of Python's world. A name is recognised, and what it would do is done
/// here; nothing is looked up and nothing called.
enum class Known { kOrderedDict, kRebuildTensor, kRebuildTensorV2, kRebuildParameter };
struct StorageType {
  DType dtype;
};

/// Elements that lie in another part of the file.
struct Storage {
  DType dtype;
  std::string key;
  std::int64_t numel;
};

/// A view of a storage; offset and strides in elements.
struct Tensor {
  Storage storage;
  std::int64_t offset;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

struct Value {
  std::variant<None,
               bool,
               std::int64_t,
               double,
               std::string,
               Tuple,
               List,
               Dict,
               Known,
               StorageType,
               Storage,
               Tensor>
      is;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&is);
  }
};

/// Owns the values of a pickle, which point to one another, in circles too.
using Values = std::deque<Value>;

/// Reads one pickle of protocol 2 to 5, as torch.save writes them, from the front of `bytes`, which
/// then begins behind it. The result lives as long as `values`. Of classes and functions only those
/// of Known and torch's storage types are understood. Throws FormatError that starts with `where`
/// for everything else, which it names, and for a pickle that is damaged or makes more than a
/// million values.
const Value& read(std::span<const std::byte>& bytes, Values& values, const std::string& where);

}  // namespace impasto::pickle
