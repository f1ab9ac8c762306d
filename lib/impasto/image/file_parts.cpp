#include "impasto/image/file_parts.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "impasto/base/log.h"
#include "impasto/image/tiff_tags.h"

namespace impasto {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kLongestPart = 16 << 20;  // Of what a file may claim.
constexpr auto kExifMark = "Exif\0\0"sv;
constexpr auto kXmpMark = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr auto kProfileMark = "ICC_PROFILE\0"sv;
constexpr auto kPngSignature = "\x89PNG\r\n\x1A\n"sv;
// Keyword, not compressed, without language and translated keyword.
constexpr auto kPngXmpMark = "XML:com.adobe.xmp\0\0\0\0\0"sv;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return value;
}

std::uint32_t little_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  }
  return value;
}

void append(Bytes& bytes, std::string_view text) {
  const auto more = std::as_bytes(std::span(text));
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void append(Bytes& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_number(Bytes& bytes, std::uint32_t value, int count, bool big) {
  for (int i = 0; i < count; ++i) {
    bytes.push_back(static_cast<std::byte>(value >> 8 * (big ? count - 1 - i : i)));
  }
}

Bytes tail(const Bytes& bytes, std::size_t from) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end()};
}

// --- JPEG -------------------------------------------------------------------------------------

FileParts jpeg_parts(const ByteReader& file) {
  constexpr int kStartOfScan = 0xDA, kApp1 = 0xE1, kApp2 = 0xE2;
  FileParts parts;
  std::vector<std::pair<int, Bytes>> profile;  // By the chunks' numbers.
  std::size_t profile_chunks = 0;
  for (std::uint64_t at = 2;;) {
    const Bytes head = file.read(at, 4);
    if (head.size() < 4 || head[0] != std::byte{0xFF}) break;
    const int marker = std::to_integer<int>(head[1]);
    const std::uint32_t length = big_endian(std::span(head).subspan(2));
    if (marker == kStartOfScan || length < 2) break;
    if (marker == kApp1 || marker == kApp2) {
      const Bytes segment = file.read(at + 4, length - 2);
      const std::string_view text = text_of(segment);
      if (segment.size() < length - 2) break;
      if (marker == kApp1 && text.starts_with(kExifMark)) {
        parts.metadata.exif = tail(segment, kExifMark.size());
      } else if (marker == kApp1 && text.starts_with(kXmpMark)) {
        parts.metadata.xmp = tail(segment, kXmpMark.size());
      } else if (marker == kApp2 && text.starts_with(kProfileMark) &&
                 segment.size() > kProfileMark.size() + 2) {
        const std::size_t number = kProfileMark.size();
        profile.emplace_back(std::to_integer<int>(segment[number]), tail(segment, number + 2));
        profile_chunks = std::to_integer<std::size_t>(segment[number + 1]);
      }
    }
    at += 2 + length;
  }
  std::ranges::stable_sort(profile, {}, &std::pair<int, Bytes>::first);
  bool whole = profile.size() == profile_chunks;
  for (std::size_t i = 0; i < profile.size(); ++i) {
    whole &= profile[i].first == static_cast<int>(i) + 1;
  }
  if (whole) {
    for (const auto& [number, bytes] : profile) append(parts.profile, bytes);
  }
  return parts;
}

void add_jpeg_segment(Bytes& segments,
                      std::string_view mark,
                      const Bytes& content,
                      const std::string& what) {
  constexpr std::size_t kLongest = 0xFFFF - 2;
  if (content.empty()) return;
  if (mark.size() + content.size() > kLongest) {
    log_warning(what + " of " + std::to_string(content.size()) +
                " bytes is left out, as JPEG holds 64 kB of it");
    return;
  }
  append(segments, "\xFF\xE1"sv);
  append_number(segments, static_cast<std::uint32_t>(mark.size() + content.size() + 2), 2, true);
  append(segments, mark);
  append(segments, content);
}

// Exif comes first in a file that has it, before the encoder's own segments.
Bytes jpeg_with(const Bytes& encoded, const Metadata& metadata, const std::string& name) {
  constexpr std::size_t kStart = 2;
  Bytes result(encoded.begin(), encoded.begin() + kStart);
  add_jpeg_segment(result, kExifMark, metadata.exif, name + ": EXIF");
  add_jpeg_segment(result, kXmpMark, metadata.xmp, name + ": XMP");
  append(result, std::span(encoded).subspan(kStart));
  return result;
}

// --- PNG --------------------------------------------------------------------------------------

// Empty where it is damaged or longer than a part may be.
Bytes inflated(std::span<const std::byte> deflated) {
  Bytes bytes;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(deflated.data()));
  stream.avail_in = static_cast<uInt>(deflated.size());
  int state = Z_OK;
  while (state == Z_OK && bytes.size() < kLongestPart) {
    std::byte block[1 << 14];
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    state = inflate(&stream, Z_NO_FLUSH);
    append(bytes, std::span(block).first(sizeof block - stream.avail_out));
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END ? bytes : Bytes();
}

FileParts png_parts(const ByteReader& file) {
  constexpr std::uint64_t kHeader = 8, kChecksum = 4;
  FileParts parts;
  for (std::uint64_t at = kPngSignature.size();;) {
    const Bytes head = file.read(at, kHeader);
    if (head.size() < kHeader) break;
    const std::uint32_t length = big_endian(std::span(head).first(4));
    const std::string_view type = text_of(head).substr(4);
    if (type == "IEND") break;
    if ((type == "iCCP" || type == "eXIf" || type == "iTXt") && length <= kLongestPart) {
      const Bytes content = file.read(at + kHeader, length);
      const std::string_view text = text_of(content);
      if (content.size() < length) break;
      if (type == "eXIf") parts.metadata.exif = content;
      if (type == "iTXt" && text.starts_with(kPngXmpMark)) {
        parts.metadata.xmp = tail(content, kPngXmpMark.size());
      }
      const std::size_t name_end = text.find('\0');
      if (type == "iCCP" && name_end != std::string_view::npos && name_end + 2 < content.size()) {
        parts.profile = inflated(std::span(content).subspan(name_end + 2));
      }
    }
    at += kHeader + length + kChecksum;
  }
  return parts;
}

void add_png_chunk(Bytes& chunks,
                   std::string_view type,
                   std::string_view mark,
                   const Bytes& content) {
  if (content.empty()) return;
  append_number(chunks, static_cast<std::uint32_t>(mark.size() + content.size()), 4, true);
  const std::size_t begin = chunks.size();
  append(chunks, type);
  append(chunks, mark);
  append(chunks, content);
  const auto* checked = reinterpret_cast<const Bytef*>(chunks.data() + begin);
  const auto checksum = crc32(0, checked, static_cast<uInt>(chunks.size() - begin));
  append_number(chunks, static_cast<std::uint32_t>(checksum), 4, true);
}

Bytes png_with(const Bytes& encoded, const Metadata& metadata) {
  constexpr std::size_t kHeaderChunk = 25;
  const std::size_t start = kPngSignature.size() + kHeaderChunk;
  Bytes result(encoded.begin(), encoded.begin() + static_cast<std::ptrdiff_t>(start));
  add_png_chunk(result, "eXIf", "", metadata.exif);
  add_png_chunk(result, "iTXt", kPngXmpMark, metadata.xmp);
  append(result, std::span(encoded).subspan(start));
  return result;
}

// --- WebP -------------------------------------------------------------------------------------

constexpr std::size_t kRiffHeader = 12, kChunkHeader = 8;

FileParts webp_parts(const ByteReader& file) {
  FileParts parts;
  for (std::uint64_t at = kRiffHeader;;) {
    const Bytes head = file.read(at, kChunkHeader);
    if (head.size() < kChunkHeader) break;
    const std::string_view type = text_of(head).substr(0, 4);
    const std::uint64_t length = little_endian(std::span(head).subspan(4));
    Bytes* const part = type == "ICCP"   ? &parts.profile
                        : type == "EXIF" ? &parts.metadata.exif
                        : type == "XMP " ? &parts.metadata.xmp
                                         : nullptr;
    if (part != nullptr && length <= kLongestPart) {
      *part = file.read(at + kChunkHeader, length);
      if (part->size() < length) part->clear();
    }
    at += kChunkHeader + length + length % 2;
  }
  return parts;
}

void add_webp_chunk(Bytes& chunks, std::string_view type, const Bytes& content) {
  if (content.empty()) return;
  append(chunks, type);
  append_number(chunks, static_cast<std::uint32_t>(content.size()), 4, false);
  append(chunks, content);
  if (content.size() % 2 != 0) chunks.push_back(std::byte{0});
}

Bytes webp_with(
    const Bytes& encoded, const Metadata& metadata, int width, int height, bool has_alpha) {
  constexpr std::uint32_t kAlpha = 0x10, kExif = 0x08, kXmp = 0x04;
  std::size_t images = kRiffHeader;
  if (text_of(encoded).substr(kRiffHeader, 4) == "VP8X") images += kChunkHeader + 10;
  const std::uint32_t flags = (has_alpha ? kAlpha : 0) | (metadata.exif.empty() ? 0 : kExif) |
                              (metadata.xmp.empty() ? 0 : kXmp);
  Bytes chunks;
  append(chunks, "WEBPVP8X"sv);
  append_number(chunks, 10, 4, false);
  append_number(chunks, flags, 4, false);
  append_number(chunks, static_cast<std::uint32_t>(width - 1), 3, false);
  append_number(chunks, static_cast<std::uint32_t>(height - 1), 3, false);
  append(chunks, std::span(encoded).subspan(images));
  add_webp_chunk(chunks, "EXIF", metadata.exif);
  add_webp_chunk(chunks, "XMP ", metadata.xmp);
  Bytes result;
  append(result, "RIFF"sv);
  append_number(result, static_cast<std::uint32_t>(chunks.size()), 4, false);
  append(result, chunks);
  return result;
}

enum class Container { kJpeg, kPng, kWebp, kTiff, kOther };

Container container_of(std::string_view head) {
  if (head.starts_with("\xFF\xD8\xFF")) return Container::kJpeg;
  if (head.starts_with(kPngSignature)) return Container::kPng;
  if (head.starts_with("RIFF") && head.size() >= kRiffHeader && head.substr(8, 4) == "WEBP")
    return Container::kWebp;
  for (const auto mark : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (head.starts_with(mark)) return Container::kTiff;
  }
  return Container::kOther;
}

}  // namespace

ByteReader::ByteReader(std::FILE* file) : file_(file) {
  std::fseek(file, 0, SEEK_END);
  size_ = static_cast<std::uint64_t>(std::max(std::ftell(file), 0L));
}

std::vector<std::byte> ByteReader::read(std::uint64_t offset, std::uint64_t count) const {
  if (offset >= size_) return {};
  const auto there = static_cast<std::size_t>(std::min(count, size_ - offset));
  if (file_ == nullptr) {
    const auto part = bytes_.subspan(static_cast<std::size_t>(offset), there);
    return {part.begin(), part.end()};
  }
  Bytes bytes(there);
  std::fseek(file_, static_cast<long>(offset), SEEK_SET);
  bytes.resize(std::fread(bytes.data(), 1, there, file_));
  return bytes;
}

FileParts read_parts(const ByteReader& file) {
  FileParts parts;
  switch (container_of(text_of(file.read(0, 16)))) {
    case Container::kJpeg:
      parts = jpeg_parts(file);
      break;
    case Container::kPng:
      parts = png_parts(file);
      break;
    case Container::kWebp:
      parts = webp_parts(file);
      break;
    case Container::kTiff:
      parts.metadata = tiff_metadata(file);
      break;
    case Container::kOther:
      break;
  }
  // Some programs write JPEG's mark into other files too.
  Bytes& exif = parts.metadata.exif;
  if (text_of(exif).starts_with(kExifMark)) exif = tail(exif, kExifMark.size());
  return parts;
}

std::vector<std::byte> with_metadata(std::vector<std::byte> encoded,
                                     const Metadata& metadata,
                                     const std::string& name,
                                     int width,
                                     int height,
                                     bool has_alpha) {
  if (metadata.empty()) return encoded;
  switch (container_of(text_of(encoded))) {
    case Container::kJpeg:
      return jpeg_with(encoded, metadata, name);
    case Container::kPng:
      return png_with(encoded, metadata);
    case Container::kWebp:
      return webp_with(encoded, metadata, width, height, has_alpha);
    case Container::kTiff:
      return tiff_with_metadata(std::move(encoded), metadata);
    case Container::kOther:
      log_warning(name + ": metadata are left out, as the format holds none");
      break;
  }
  return encoded;
}

}  // namespace impasto
