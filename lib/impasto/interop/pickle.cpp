#include "impasto/interop/pickle.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include "impasto/base/error.h"

namespace impasto::pickle {
namespace {

constexpr std::size_t kMostValues = 1'000'000;
constexpr std::size_t kHighestRank = 8;
constexpr std::size_t kLongestKey = 64;

/// Of Python's pickletools.
enum Op : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyTuple = ')',
  kEmptyList = ']',
  kEmptyDict = '}',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

std::string hex(std::uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

using Meaning = decltype(Value::is);

const std::map<std::string, Meaning>& known_names() {
  static const std::map<std::string, Meaning> names = {
      {"collections.OrderedDict", Known::kOrderedDict},
      {"torch._utils._rebuild_tensor", Known::kRebuildTensor},
      {"torch._utils._rebuild_tensor_v2", Known::kRebuildTensorV2},
      {"torch._utils._rebuild_parameter", Known::kRebuildParameter},
      {"torch.BoolStorage", StorageType{DType::kBool}},
      {"torch.ByteStorage", StorageType{DType::kUInt8}},
      {"torch.CharStorage", StorageType{DType::kInt8}},
      {"torch.ShortStorage", StorageType{DType::kInt16}},
      {"torch.IntStorage", StorageType{DType::kInt32}},
      {"torch.LongStorage", StorageType{DType::kInt64}},
      {"torch.HalfStorage", StorageType{DType::kFloat16}},
      {"torch.BFloat16Storage", StorageType{DType::kBFloat16}},
      {"torch.FloatStorage", StorageType{DType::kFloat32}},
      {"torch.DoubleStorage", StorageType{DType::kFloat64}},
  };
  return names;
}

/// Python's pickle machine, without the parts that run code. It never recurses, neither here nor
/// when values go: a pickle nested a million deep is as good as any.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, Values& values, const std::string& where)
      : bytes_(bytes), values_(values), where_(where) {}

  const Value& run() {
    while (true) {
      op_ = byte();
      if (op_ == kStop) break;
      step();
    }
    return *pop();
  }

  std::size_t position() const { return position_; }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError(where_ + ": pickle: " + what);
  }

  [[noreturn]] void damaged() const {
    fail("damaged at byte " + std::to_string(position_) + ", opcode " + hex(op_));
  }

  [[noreturn]] void refuse(const std::string& name) const {
    constexpr std::size_t kLongest = 80;
    fail("refused '" + name.substr(0, kLongest) + (name.size() > kLongest ? "..." : "") +
         "': only tensors, strings, numbers and containers are read, and nothing was run; save the "
         "state_dict alone");
  }

  // --- bytes ---

  std::span<const std::byte> take(std::uint64_t size) {
    if (size > bytes_.size() - position_) fail("ends in the middle of a value");
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(size));
    position_ += taken.size();
    return taken;
  }

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }

  /// Little-endian.
  template <class Number>
  Number number() {
    Number result;
    std::memcpy(&result, take(sizeof result).data(), sizeof result);
    return result;
  }

  std::string text(std::uint64_t size) {
    const auto taken = take(size);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  std::string line() {
    const auto rest = bytes_.subspan(position_);
    const auto end = std::ranges::find(rest, std::byte{'\n'});
    if (end == rest.end()) fail("ends in the middle of a name");
    std::string result = text(static_cast<std::uint64_t>(end - rest.begin()));
    ++position_;
    return result;
  }

  /// Two's complement of any length; none here needs more than 64 bits.
  std::int64_t long_integer() {
    const std::size_t size = byte();
    if (size > sizeof(std::int64_t)) fail("holds a number of " + std::to_string(size) + " bytes");
    const auto taken = take(size);
    const bool negative = size > 0 && (taken[size - 1] & std::byte{0x80}) != std::byte{0};
    std::int64_t result = negative ? -1 : 0;
    if (size > 0) std::memcpy(&result, taken.data(), size);
    return result;
  }

  double big_endian_double() {
    const auto taken = take(sizeof(double));
    std::uint64_t bits = 0;
    for (const std::byte part : taken) bits = bits << 8 | static_cast<std::uint64_t>(part);
    return std::bit_cast<double>(bits);
  }

  // --- stack ---

  /// Counts what takes memory: a few bytes may ask for a copy of something large, again and again.
  void charge(std::size_t values) {
    if (values > left_) {
      fail("expected at most " + std::to_string(kMostValues) + " values, found more");
    }
    left_ -= values;
  }

  void push(Meaning meaning) {
    charge(1);
    stack_.push_back(&values_.emplace_back(Value{std::move(meaning)}));
  }

  Value* pop() {
    if (stack_.size() <= floor()) damaged();
    Value* top = stack_.back();
    stack_.pop_back();
    return top;
  }

  /// The values above the last mark belong together; nothing reaches below it.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  std::vector<const Value*> pop_to_mark() {
    if (marks_.empty()) damaged();
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    const std::vector<const Value*> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  template <class T>
  T& top_as() {
    if (stack_.size() <= floor()) damaged();
    T* found = std::get_if<T>(&stack_.back()->is);
    if (found == nullptr) damaged();
    return *found;
  }

  template <class T>
  const T& as(const Value* value, const char* what) const {
    const T* found = value->as<T>();
    if (found == nullptr) fail(std::string("expected ") + what + ", found something else");
    return *found;
  }

  void push_tuple(std::size_t size) {
    Tuple tuple;
    tuple.items.resize(size);
    for (std::size_t i = size; i-- > 0;) tuple.items[i] = pop();
    push(std::move(tuple));
  }

  void put(std::uint32_t index) {
    if (stack_.size() <= floor()) damaged();
    memo_[index] = stack_.back();
  }

  void get(std::uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) damaged();
    stack_.push_back(found->second);
  }

  // --- what the opcodes mean ---

  void step() {
    switch (op_) {
      case kProto:
        if (const int protocol = byte(); protocol < 2 || protocol > 5) {
          fail("expected protocol 2 to 5, found " + std::to_string(protocol));
        }
        return;
      case kFrame:
        number<std::uint64_t>();
        return;
      case kMark:
        marks_.push_back(stack_.size());
        return;
      case kPop:
        pop();
        return;
      case kPopMark:
        pop_to_mark();
        return;
      case kNone:
        return push(None{});
      case kNewTrue:
        return push(true);
      case kNewFalse:
        return push(false);
      case kBinInt:
        return push(std::int64_t{number<std::int32_t>()});
      case kBinInt1:
        return push(std::int64_t{byte()});
      case kBinInt2:
        return push(std::int64_t{number<std::uint16_t>()});
      case kLong1:
        return push(long_integer());
      case kBinFloat:
        return push(big_endian_double());
      case kShortBinUnicode:
      case kShortBinString:
        return push(text(byte()));
      case kBinUnicode:
      case kBinString:
        return push(text(number<std::uint32_t>()));
      case kEmptyTuple:
        return push(Tuple{});
      case kEmptyList:
        return push(List{});
      case kEmptyDict:
        return push(Dict{});
      case kTuple:
        return push(Tuple{pop_to_mark()});
      case kTuple1:
        return push_tuple(1);
      case kTuple2:
        return push_tuple(2);
      case kTuple3:
        return push_tuple(3);
      case kAppend: {
        const Value* item = pop();
        top_as<List>().items.push_back(item);
        return;
      }
      case kAppends: {
        const auto items = pop_to_mark();
        auto& list = top_as<List>().items;
        list.insert(list.end(), items.begin(), items.end());
        return;
      }
      case kSetItem: {
        const Value* item = pop();
        const Value* key = pop();
        top_as<Dict>().entries.emplace_back(key, item);
        return;
      }
      case kSetItems: {
        const auto items = pop_to_mark();
        if (items.size() % 2 != 0) damaged();
        auto& entries = top_as<Dict>().entries;
        for (std::size_t i = 0; i < items.size(); i += 2) {
          entries.emplace_back(items[i], items[i + 1]);
        }
        return;
      }
      case kBinPut:
        return put(byte());
      case kLongBinPut:
        return put(number<std::uint32_t>());
      case kMemoize:
        return put(static_cast<std::uint32_t>(memo_.size()));
      case kBinGet:
        return get(byte());
      case kLongBinGet:
        return get(number<std::uint32_t>());
      case kGlobal: {
        const std::string module = line();
        return push_global(module, line());
      }
      case kStackGlobal: {
        const Value* name = pop();
        const Value* module = pop();
        return push_global(as<std::string>(module, "a module's name"),
                           as<std::string>(name, "a name in a module"));
      }
      case kBinPersId:
        return push(storage_of(pop()));
      case kReduce: {
        const Value* arguments = pop();
        const Value* callable = pop();
        return reduce(as<Known>(callable, "a known function to apply"),
                      as<Tuple>(arguments, "a tuple of arguments").items);
      }
      case kBuild:
        return build();
      default:
        fail("refused opcode " + hex(op_) + " at byte " + std::to_string(position_ - 1) +
             ": only tensors, strings, numbers and containers are read, and nothing was run");
    }
  }

  void push_global(const std::string& module, const std::string& name) {
    const auto found = known_names().find(module + "." + name);
    if (found == known_names().end()) refuse(module + "." + name);
    push(found->second);
  }

  /// OrderedDict's attributes (a state_dict's `_metadata`, versions of modules) say nothing of the
  /// tensors. Nothing else may have its state set.
  void build() {
    const Value* state = pop();
    if (stack_.size() <= floor()) damaged();
    if (stack_.back()->as<Dict>() == nullptr || state->as<Dict>() == nullptr) {
      fail(
          "refused to set an object's state (BUILD): only tensors, strings, numbers and "
          "containers are read, and nothing was run");
    }
  }

  void reduce(Known callable, const std::vector<const Value*>& arguments) {
    const auto require = [&](std::size_t least) {
      if (arguments.size() < least) damaged();
    };
    switch (callable) {
      case Known::kOrderedDict:
        return push(ordered_dict(arguments));
      case Known::kRebuildParameter:
        require(1);
        return push(as<Tensor>(arguments[0], "a parameter's tensor"));
      case Known::kRebuildTensor:
      case Known::kRebuildTensorV2:
        require(4);
        return push(Tensor{as<Storage>(arguments[0], "a tensor's storage"),
                           as<std::int64_t>(arguments[1], "a tensor's offset"),
                           extents(arguments[2], "a tensor's shape"),
                           extents(arguments[3], "a tensor's strides")});
    }
  }

  /// Empty, or, as Python 2 has it, made of a list of pairs.
  Dict ordered_dict(const std::vector<const Value*>& arguments) {
    Dict dict;
    if (arguments.empty()) return dict;
    const auto& entries = as<List>(arguments[0], "a list of pairs").items;
    charge(entries.size());
    for (const Value* entry : entries) {
      const List* list = entry->as<List>();
      const auto& pair = list != nullptr ? list->items : as<Tuple>(entry, "a pair").items;
      if (pair.size() != 2) damaged();
      dict.entries.emplace_back(pair[0], pair[1]);
    }
    return dict;
  }

  std::vector<std::int64_t> extents(const Value* value, const char* what) const {
    std::vector<std::int64_t> result;
    for (const Value* extent : as<Tuple>(value, what).items) {
      result.push_back(as<std::int64_t>(extent, what));
      if (result.back() < 0) fail(std::string("expected ") + what + " from 0, found less");
    }
    if (result.size() > kHighestRank) {
      fail(std::string("expected ") + what + " of at most " + std::to_string(kHighestRank) +
           " numbers, found " + std::to_string(result.size()));
    }
    return result;
  }

  /// ('storage', type, key, location, numel), and in files of before 1.6 a view or None.
  Storage storage_of(const Value* id) {
    const auto& parts = as<Tuple>(id, "a storage's id").items;
    if (parts.size() < 5 || as<std::string>(parts[0], "a storage's id") != "storage") damaged();
    if (parts.size() > 5 && parts[5]->as<None>() == nullptr) {
      fail(
          "refused a storage that is a view of another; save the model again with a newer PyTorch");
    }
    Storage storage{as<StorageType>(parts[1], "a storage's type").dtype,
                    as<std::string>(parts[2], "a storage's key"),
                    as<std::int64_t>(parts[4], "a storage's size")};
    if (storage.numel < 0 || storage.key.size() > kLongestKey) damaged();
    return storage;
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  std::uint8_t op_ = 0;
  Values& values_;
  std::size_t left_ = kMostValues;
  const std::string& where_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint32_t, Value*> memo_;  // Not by index: a pickle may put at 4 billion.
};

}  // namespace

const Value& read(std::span<const std::byte>& bytes, Values& values, const std::string& where) {
  Machine machine(bytes, values, where);
  const Value& result = machine.run();
  bytes = bytes.subspan(machine.position());
  return result;
}

}  // namespace impasto::pickle
