#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

/// A number as its little-endian bytes.
template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// Builds a pickle opcode by opcode; Python's pickletools says what each one does.
class PickleWriter {
 public:
  PickleWriter& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  PickleWriter& text(std::string_view value) {
    return raw("X").raw(bytes_of(static_cast<std::uint32_t>(value.size()))).raw(value);
  }
  PickleWriter& number(std::int32_t value) { return raw("J").raw(bytes_of(value)); }
  PickleWriter& global(std::string_view module, std::string_view name) {
    return raw("c").raw(module).raw("\n").raw(name).raw("\n");
  }
  PickleWriter& tuple(const std::vector<std::int32_t>& values) {
    raw("(");
    for (const std::int32_t value : values) number(value);
    return raw("t");
  }

  /// A storage's persistent id.
  PickleWriter& storage(std::string_view type, std::string_view key, std::int32_t count) {
    raw("(").text("storage").global("torch", type).text(key).text("cpu").number(count);
    return raw("tQ");
  }

  /// A float32 view of storage `key`, which has `count` values.
  PickleWriter& tensor(std::string_view key,
                       std::int32_t count,
                       std::int32_t offset,
                       const std::vector<std::int32_t>& shape,
                       const std::vector<std::int32_t>& strides) {
    global("torch._utils", "_rebuild_tensor_v2").raw("(").storage("FloatStorage", key, count);
    number(offset).tuple(shape).tuple(strides);
    return raw("\x89").global("collections", "OrderedDict").raw(")RtR");
  }

  /// With protocol and end.
  std::string bytes() const { return "\x80\x02" + bytes_ + "."; }

 private:
  std::string bytes_;
};

/// A zip file as torch.save writes it: every entry stored.
class ZipWriter {
 public:
  struct Entry {
    std::string name = {};
    std::string content = {};
    std::uint16_t method = 0;         ///< 8: deflated.
    std::uint32_t claimed_size = 0;   ///< In place of the content's where it is not 0.
    std::int64_t offset_change = 0;   ///< Added to where the directory says that it lies.
    std::uint32_t checksum_flip = 0;  ///< Exclusive or.
  };

  ZipWriter& add(Entry entry) {
    const auto* content = reinterpret_cast<const Bytef*>(entry.content.data());
    const auto size = static_cast<std::uint32_t>(entry.content.size());
    const std::uint32_t claimed = entry.claimed_size != 0 ? entry.claimed_size : size;
    const auto checksum = static_cast<std::uint32_t>(crc32(crc32(0, nullptr, 0), content, size)) ^
                          entry.checksum_flip;
    const std::string common =
        bytes_of<std::uint16_t>(0) + bytes_of(entry.method) + bytes_of<std::uint32_t>(0) +
        bytes_of(checksum) + bytes_of(entry.method == 0 ? claimed : size) + bytes_of(claimed) +
        bytes_of(static_cast<std::uint16_t>(entry.name.size())) + bytes_of<std::uint16_t>(0);
    const auto offset =
        static_cast<std::uint32_t>(static_cast<std::int64_t>(files_.size()) + entry.offset_change);
    files_ += "PK\3\4" + bytes_of<std::uint16_t>(20) + common + entry.name + entry.content;
    directory_ += "PK\1\2" + bytes_of<std::uint16_t>(20) + bytes_of<std::uint16_t>(20) + common +
                  bytes_of<std::uint16_t>(0) + bytes_of<std::uint16_t>(0) +
                  bytes_of<std::uint16_t>(0) + bytes_of<std::uint32_t>(0) + bytes_of(offset) +
                  entry.name;
    ++count_;
    return *this;
  }

  std::string bytes() const {
    return files_ + directory_ + "PK\5\6" + bytes_of<std::uint32_t>(0) + bytes_of(count_) +
           bytes_of(count_) + bytes_of(static_cast<std::uint32_t>(directory_.size())) +
           bytes_of(static_cast<std::uint32_t>(files_.size())) + bytes_of<std::uint16_t>(0);
  }

 private:
  std::string files_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

/// A checkpoint of that pickle and one storage "0" of floats.
inline std::string zip_checkpoint(const std::string& pickle,
                                  const std::vector<float>& values = {0, 1, 2, 3, 4, 5}) {
  std::string content(values.size() * sizeof(float), '\0');
  if (!content.empty()) std::memcpy(content.data(), values.data(), content.size());
  return ZipWriter()
      .add({.name = "archive/data.pkl", .content = pickle})
      .add({.name = "archive/data/0", .content = content})
      .bytes();
}

/// The same in the form of before PyTorch 1.6, where a storage that nothing uses is not listed.
inline std::string legacy_checkpoint(const std::string& pickle,
                                     const std::vector<float>& values = {0, 1, 2, 3, 4, 5}) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string version("\x80\x02M\xe9\x03.", 6);
  std::string bytes = magic + version;
  bytes += PickleWriter().raw("}").text("little_endian").raw("\x88s").bytes();
  bytes += pickle;
  if (pickle.find("Storage") == std::string::npos) return bytes + PickleWriter().raw("]").bytes();
  bytes += PickleWriter().raw("]").text("0").raw("a").bytes();
  bytes += bytes_of(static_cast<std::int64_t>(values.size()));
  for (const float value : values) bytes += bytes_of(value);
  return bytes;
}
