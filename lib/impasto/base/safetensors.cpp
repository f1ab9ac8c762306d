#include "impasto/base/safetensors.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "impasto/base/atomic_file.h"
#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/json.h"
#include "impasto/base/text.h"

namespace impasto {

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the reference implementation's limit
constexpr const char* kMetadataKey = "__metadata__";

/// Where a tensor lies, counted from the end of the header.
struct Range {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
};

/// Reads one file's header; every message starts with the file's name.
class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> bytes, const std::string& name)
      : bytes_(bytes), name_(name) {}

  TensorFile read() {
    const Json header = parse_header();
    TensorFile file;
    std::vector<Range> ranges;
    for (const auto& [key, value] : header.items()) {
      if (key == kMetadataKey) {
        file.metadata = read_metadata(value);
      } else {
        auto [tensor, range] = read_entry(key, value);
        file.tensors.emplace(key, std::move(tensor));
        ranges.push_back(std::move(range));
      }
    }
    // Only then copied: entries that overlap could ask for far more memory than the file has bytes.
    require_gapless(ranges);
    for (const Range& range : ranges) {
      const auto data = data_.subspan(static_cast<std::size_t>(range.begin),
                                      static_cast<std::size_t>(range.end - range.begin));
      file.tensors.at(range.name).data.assign(data.begin(), data.end());
    }
    return file;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }

  [[noreturn]] void fail(const std::string& tensor, const std::string& what) const {
    fail("tensor '" + tensor + "': " + what);
  }

  Json parse_header() {
    if (bytes_.size() < kLengthBytes) {
      fail("expected a safetensors file, found only " + std::to_string(bytes_.size()) + " bytes");
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > kLongestHeader) {
      fail("expected a safetensors header of at most " + std::to_string(kLongestHeader) +
           " bytes, found " + std::to_string(length));
    }
    if (length > bytes_.size() - kLengthBytes) {
      fail("the file is cut: expected a header of " + std::to_string(length) + " bytes, found " +
           std::to_string(bytes_.size() - kLengthBytes));
    }
    const auto* text = reinterpret_cast<const char*>(bytes_.data()) + kLengthBytes;
    data_ = bytes_.subspan(kLengthBytes + static_cast<std::size_t>(length));
    if (length == 0 || text[0] != '{') fail("expected a safetensors header that begins with '{'");
    return parse_json({text, static_cast<std::size_t>(length)}, name_ + ": header");
  }

  std::map<std::string, std::string> read_metadata(const Json& value) const {
    if (!value.is_object()) fail("__metadata__: expected an object, found " + describe(value));
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) {
        fail("__metadata__: '" + key + "': expected text, found " + describe(text));
      }
      metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
  }

  /// Type and shape, checked against the range; the data comes later.
  std::pair<HostTensor, Range> read_entry(const std::string& name, const Json& entry) const {
    if (!entry.is_object()) fail(name, "expected an object, found " + describe(entry));
    for (const auto& [key, value] : entry.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        fail(name, "expected 'dtype', 'shape' and 'data_offsets', found '" + key + "'");
      }
    }
    const Json& dtype_name = member(name, entry, "dtype");
    if (!dtype_name.is_string()) {
      fail(name, "dtype: expected text, found " + describe(dtype_name));
    }
    const auto dtype = dtype_named(dtype_name.get_ref<const std::string&>());
    if (!dtype) {
      std::vector<std::string> known;
      for (int i = 0; i <= static_cast<int>(DType::kFloat64); ++i) {
        known.emplace_back(name_of(static_cast<DType>(i)));
      }
      fail(name, "dtype: expected one of " + join(known) + ", found " + describe(dtype_name));
    }

    HostTensor tensor{*dtype, {}, {}};
    std::uint64_t size = size_of(*dtype);
    for (const std::uint64_t extent : naturals(name, entry, "shape")) {
      constexpr auto kLargest =
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (extent > kLargest || (extent != 0 && size > kLargest / extent)) {
        fail(name, "shape: expected fewer than 2^63 bytes, found " + entry["shape"].dump());
      }
      tensor.shape.push_back(static_cast<std::int64_t>(extent));
      size *= extent;
    }

    const std::vector<std::uint64_t> offsets = naturals(name, entry, "data_offsets");
    if (offsets.size() != 2) {
      fail(name, "data_offsets: expected two numbers, found " + std::to_string(offsets.size()));
    }
    const auto [begin, end] = std::pair(offsets[0], offsets[1]);
    if (begin > end || end > data_.size()) {
      fail(name,
           "data_offsets: expected a range inside the " + std::to_string(data_.size()) +
               " bytes of data, found [" + std::to_string(begin) + "," + std::to_string(end) + "]" +
               (begin <= end ? "; is the file cut short?" : ""));
    }
    if (end - begin != size) {
      fail(name,
           "expected " + std::to_string(size) + " bytes for " + std::string(name_of(*dtype)) + " " +
               shape_string(tensor.shape) + ", found " + std::to_string(end - begin));
    }
    return {std::move(tensor), Range{begin, end, name}};
  }

  const Json& member(const std::string& name, const Json& entry, const char* key) const {
    const auto found = entry.find(key);
    if (found == entry.end()) fail(name, "expected '" + std::string(key) + "', found none");
    return *found;
  }

  std::vector<std::uint64_t> naturals(const std::string& name,
                                      const Json& entry,
                                      const char* key) const {
    const Json& list = member(name, entry, key);
    if (!list.is_array()) {
      fail(name, std::string(key) + ": expected a list, found " + describe(list));
    }
    std::vector<std::uint64_t> numbers;
    for (const Json& value : list) {
      if (!value.is_number_unsigned()) {
        fail(name, std::string(key) + ": expected whole numbers from 0, found " + describe(value));
      }
      numbers.push_back(value.get<std::uint64_t>());
    }
    return numbers;
  }

  /// Every byte of the data belongs to exactly one tensor.
  void require_gapless(std::vector<Range> ranges) const {
    std::ranges::sort(ranges, [](const Range& a, const Range& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t end = 0;
    for (const Range& range : ranges) {
      if (range.begin != end) {
        fail(range.name,
             "data_offsets: expected to begin at " + std::to_string(end) + ", found " +
                 std::to_string(range.begin) +
                 (range.begin < end ? ", which overlaps another tensor" : ", which leaves a gap"));
      }
      end = range.end;
    }
    if (end != data_.size()) {
      fail("expected " + std::to_string(end) + " bytes of data, found " +
           std::to_string(data_.size()));
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& name_;
  std::span<const std::byte> data_;
};

}  // namespace

TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  return HeaderReader(bytes, name).read();
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::vector<std::byte> serialize_safetensors(const TensorFile& file) {
  std::vector<const std::pair<const std::string, HostTensor>*> order;
  for (const auto& entry : file.tensors) order.push_back(&entry);
  std::ranges::stable_sort(order, std::ranges::greater{}, [](const auto* entry) {
    return size_of(entry->second.dtype);
  });

  Json header = Json::object();
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::size_t end = 0;
  for (const auto* entry : order) {
    const auto& [name, tensor] = *entry;
    const auto size = static_cast<std::size_t>(tensor.numel()) * size_of(tensor.dtype);
    if (name == kMetadataKey) {
      throw ConfigError("tensor '" + name +
                        "': expected another name, the format has taken this one");
    }
    if (tensor.data.size() != size) {
      throw ConfigError("tensor '" + name + "': expected " + std::to_string(size) + " bytes for " +
                        std::string(name_of(tensor.dtype)) + " " + shape_string(tensor.shape) +
                        ", found " + std::to_string(tensor.data.size()));
    }
    header[name] = {{"dtype", name_of(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {end, end + size}}};
    end += size;
  }

  std::string text = to_text(header, "safetensors header");
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::vector<std::byte> bytes(kLengthBytes + text.size() + end);
  std::byte* to = bytes.data();
  const auto append = [&to](const void* from, std::size_t size) {
    if (size != 0) std::memcpy(to, from, size);
    to += size;
  };
  append(&length, kLengthBytes);
  append(text.data(), text.size());
  for (const auto* entry : order) append(entry->second.data.data(), entry->second.data.size());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  write_file_atomically(path, serialize_safetensors(file));
}

}  // namespace impasto
