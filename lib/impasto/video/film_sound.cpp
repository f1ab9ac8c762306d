#include "impasto/video/film_sound.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace impasto {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{1} << 20;
constexpr std::uint64_t kMostIndexBytes = std::uint64_t{64} << 20;

std::string read_at(std::ifstream& file, std::uint64_t offset, std::uint64_t count) {
  std::string bytes(static_cast<std::size_t>(count), '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Whether some `mark` in `text` has `kind` so many bytes behind its start.
bool contains(std::string_view text,
              std::string_view mark,
              std::size_t behind,
              std::string_view kind) {
  for (std::size_t at = text.find(mark); at != std::string_view::npos;
       at = text.find(mark, at + 1)) {
    if (at + behind <= text.size() && text.substr(at + behind).starts_with(kind)) return true;
  }
  return false;
}

/// ISO 14496-12: boxes, of which `moov` holds a `hdlr` a track that names its kind.
bool mp4_may_have_sound(std::ifstream& file) {
  std::uint64_t offset = 0;
  for (;;) {
    const std::string head = read_at(file, offset, 16);
    if (head.size() < 8) return true;
    std::uint64_t size = big_endian(std::string_view(head).substr(0, 4));
    if (size == 1 && head.size() == 16) size = big_endian(std::string_view(head).substr(8));
    if (std::string_view(head).substr(4, 4) == "moov") {
      const std::string tracks = read_at(file, offset, std::min(size, kMostIndexBytes));
      return size > kMostIndexBytes || contains(tracks, "hdlr", 12, "soun");
    }
    if (size < 8) return true;  // The last box, or a damaged one.
    offset += size;
  }
}

}  // namespace

bool may_have_sound(const std::filesystem::path& film) {
  using namespace std::string_view_literals;
  std::ifstream file(film, std::ios::binary);
  const std::string start = read_at(file, 0, kHeadBytes);
  const std::string_view head = start;
  if (head.starts_with("RIFF"sv)) {  // AVI: a `strh` a track names its kind.
    return contains(head, "strh", 8, "auds") || !contains(head, "strh", 8, "vids");
  }
  if (head.starts_with("\x1A\x45\xDF\xA3"sv)) {
    // Matroska: the element CodecID, one byte and one of length, begins with the kind.
    return contains(head, "\x86", 2, "A_") || !contains(head, "\x86", 2, "V_");
  }
  const std::string_view type = head.substr(std::min<std::size_t>(4, head.size()), 4);
  const bool is_mp4 = type == "ftyp" || type == "moov" || type == "mdat" || type == "wide";
  return !is_mp4 || mp4_may_have_sound(file);
}

}  // namespace impasto
