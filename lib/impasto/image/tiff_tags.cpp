#include "impasto/image/tiff_tags.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace impasto {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint16_t kXmp = 700, kIptc = 33723, kExif = 34665, kGps = 34853,
                        kInteroperability = 40965, kMakerNote = 37500;

// Of the tags of a picture those that say nothing of how its pixels are stored.
constexpr std::array<std::uint16_t, 19> kDescriptive = {270,
                                                        271,
                                                        272,
                                                        282,
                                                        283,
                                                        296,
                                                        305,
                                                        306,
                                                        315,  // to artist
                                                        316,
                                                        18246,
                                                        33432,
                                                        kIptc,
                                                        kExif,
                                                        kGps,  // host, rating, copyright
                                                        40091,
                                                        40092,
                                                        40093,
                                                        40095};  // title, comment, author, subject

constexpr std::uint16_t kByte = 1, kLong = 4, kUndefined = 7;

/// Bytes of a number of a type, whose order may have to be turned; 0: not known. Rationals are two
/// numbers.
int number_bytes(std::uint16_t type) {
  constexpr int kBytes[] = {0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4};
  return type < std::size(kBytes) ? kBytes[type] : 0;
}

std::uint64_t numbers_of(std::uint16_t type, std::uint64_t count) {
  const bool rational = type == 5 || type == 10;
  return rational ? 2 * count : count;
}

struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  Bytes value = {};                   ///< Little-endian.
  std::vector<Entry> directory = {};  ///< In place of a value, where the tag points to one.
};
using Directory = std::vector<Entry>;

bool points_to_directory(std::uint16_t tag) {
  return tag == kExif || tag == kGps || tag == kInteroperability;
}

/// The directories of a file in either byte order, with offsets of 4 or 8 bytes.
class Reader {
 public:
  explicit Reader(const ByteReader& file) : file_(file) {
    const Bytes head = file.read(0, 4);
    if (head.size() < 4) return;
    little_endian_ = head[0] == std::byte{'I'};
    const std::uint64_t version = number(head.data() + 2, 2);
    big_ = version == 43;
    valid_ = (version == 42 || big_) && head[0] == head[1];
  }

  Directory first_directory() const {
    if (!valid_) return {};
    const auto offset = number_at(first_offset(), offset_bytes());
    return offset ? directory(*offset, 0) : Directory();
  }

  /// Where the place of the first directory is written.
  std::size_t first_offset() const { return big_ ? 8 : 4; }

  bool is_little_endian() const { return valid_ && little_endian_; }
  int offset_bytes() const { return big_ ? 8 : 4; }

 private:
  static constexpr std::uint64_t kMostEntries = 1000, kLongestPart = 16 << 20;

  std::uint64_t number(const std::byte* bytes, int count) const {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) {
      value =
          value << 8 | std::to_integer<std::uint64_t>(bytes[little_endian_ ? count - 1 - i : i]);
    }
    return value;
  }

  std::optional<std::uint64_t> number_at(std::uint64_t offset, int count) const {
    const Bytes bytes = file_.read(offset, static_cast<std::uint64_t>(count));
    if (bytes.size() < static_cast<std::size_t>(count)) return std::nullopt;
    return number(bytes.data(), count);
  }

  Directory directory(std::uint64_t at, int depth) const {
    constexpr int kDeepest = 2;
    const int count_bytes = big_ ? 8 : 2;
    const auto count = number_at(at, count_bytes);
    if (depth > kDeepest || !count) return {};
    Directory entries;
    const std::uint64_t entry_bytes = 4 + 2 * static_cast<std::uint64_t>(offset_bytes());
    for (std::uint64_t i = 0; i < *count && entries_left_ > 0; ++i, --entries_left_) {
      auto entry = read_entry(at + count_bytes + entry_bytes * i, entry_bytes, depth);
      if (entry) entries.push_back(std::move(*entry));
    }
    return entries;
  }

  std::optional<Entry> read_entry(std::uint64_t at, std::uint64_t bytes, int depth) const {
    const Bytes raw = file_.read(at, bytes);
    if (raw.size() < bytes) return std::nullopt;
    Entry entry;
    entry.tag = static_cast<std::uint16_t>(number(raw.data(), 2));
    entry.type = static_cast<std::uint16_t>(number(raw.data() + 2, 2));
    entry.count = number(raw.data() + 4, offset_bytes());
    const std::size_t in_place = 4 + static_cast<std::size_t>(offset_bytes());
    if (points_to_directory(entry.tag)) {
      entry.directory = directory(number(raw.data() + in_place, offset_bytes()), depth + 1);
      if (entry.directory.empty()) return std::nullopt;
      return entry;
    }
    int unit = number_bytes(entry.type);
    if (unit == 0 || entry.count > kLongestPart || entry.tag == kMakerNote) return std::nullopt;
    const std::uint64_t size = numbers_of(entry.type, entry.count) * static_cast<unsigned>(unit);
    if (size > left_) return std::nullopt;
    left_ -= size;
    if (size <= static_cast<std::uint64_t>(offset_bytes())) {
      const auto begin = raw.begin() + static_cast<std::ptrdiff_t>(in_place);
      entry.value.assign(begin, begin + static_cast<std::ptrdiff_t>(size));
    } else {
      entry.value = file_.read(number(raw.data() + in_place, offset_bytes()), size);
    }
    if (entry.value.size() < size || size == 0) return std::nullopt;
    if (entry.tag == kIptc) {  // Bytes, although many programs call them numbers.
      entry.type = kUndefined;
      entry.count = size;
      unit = 1;
    }
    if (!little_endian_) {
      for (auto it = entry.value.begin(); it != entry.value.end(); it += unit) {
        std::reverse(it, it + unit);
      }
    }
    return entry;
  }

  const ByteReader& file_;
  // What may still be taken: entries that point to one another make much of a small file.
  mutable std::uint64_t entries_left_ = kMostEntries;
  mutable std::uint64_t left_ = kLongestPart;  // Bytes of values.
  bool little_endian_ = true, big_ = false, valid_ = false;
};

void append_number(Bytes& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(value >> 8 * i));
}

void put_number(Bytes& bytes, std::size_t at, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) {
    bytes[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> 8 * i);
  }
}

/// Appends a directory to the file, and what it points to; returns its place.
std::size_t append_directory(Bytes& file, Directory directory, int offset_bytes) {
  std::ranges::sort(directory, {}, &Entry::tag);
  const auto align = [&file] { file.resize((file.size() + 1) / 2 * 2); };
  align();
  const std::size_t place = file.size();
  append_number(file, directory.size(), offset_bytes == 8 ? 8 : 2);
  std::vector<std::size_t> fields;  // Where the values, or their places, go.
  for (const Entry& entry : directory) {
    const bool points = !entry.directory.empty();
    append_number(file, entry.tag, 2);
    append_number(file, points ? kLong : entry.type, 2);
    append_number(file, points ? 1 : entry.count, offset_bytes);
    fields.push_back(file.size());
    append_number(file, 0, offset_bytes);
  }
  append_number(file, 0, offset_bytes);  // No further directory.
  for (std::size_t i = 0; i < directory.size(); ++i) {
    Entry& entry = directory[i];
    if (!entry.directory.empty()) {
      const std::size_t at = append_directory(file, std::move(entry.directory), offset_bytes);
      put_number(file, fields[i], at, offset_bytes);
    } else if (entry.value.size() <= static_cast<std::size_t>(offset_bytes)) {
      std::ranges::copy(entry.value, file.begin() + static_cast<std::ptrdiff_t>(fields[i]));
    } else {
      align();
      put_number(file, fields[i], file.size(), offset_bytes);
      file.insert(file.end(), entry.value.begin(), entry.value.end());
    }
  }
  return place;
}

Directory descriptive(Directory directory) {
  std::erase_if(directory, [](const Entry& entry) {
    return std::ranges::find(kDescriptive, entry.tag) == kDescriptive.end();
  });
  return directory;
}

}  // namespace

Metadata tiff_metadata(const ByteReader& file) {
  Directory directory = Reader(file).first_directory();
  Metadata metadata;
  const auto xmp = std::ranges::find(directory, kXmp, &Entry::tag);
  if (xmp != directory.end()) metadata.xmp = xmp->value;
  directory = descriptive(std::move(directory));
  if (directory.empty()) return metadata;
  constexpr std::size_t kPlace = 4;
  Bytes& block = metadata.exif;
  for (const char c : {'I', 'I', '*', '\0', '\0', '\0', '\0', '\0'}) {
    block.push_back(static_cast<std::byte>(c));
  }
  put_number(block, kPlace, append_directory(block, std::move(directory), 4), 4);
  return metadata;
}

std::vector<std::byte> tiff_with_metadata(std::vector<std::byte> encoded,
                                          const Metadata& metadata) {
  const ByteReader file(encoded);
  const Reader reader(file);
  if (!reader.is_little_endian()) return encoded;
  Directory directory = reader.first_directory();
  const ByteReader block(metadata.exif);
  Directory more = descriptive(Reader(block).first_directory());
  if (!metadata.xmp.empty()) {
    more.push_back(
        {.tag = kXmp, .type = kByte, .count = metadata.xmp.size(), .value = metadata.xmp});
  }
  for (Entry& entry : more) {
    if (std::ranges::find(directory, entry.tag, &Entry::tag) == directory.end()) {
      directory.push_back(std::move(entry));
    }
  }
  const std::size_t at = append_directory(encoded, std::move(directory), reader.offset_bytes());
  put_number(encoded, reader.first_offset(), at, reader.offset_bytes());
  return encoded;
}

}  // namespace impasto
