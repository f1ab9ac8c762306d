#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>

#include "impasto/base/error.h"
#include "impasto/base/text.h"
#include "impasto/image/image_io.h"
#include "impasto/video/video_io.h"
#include "impasto/video/video_module.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

const std::array<const char*, 18> kReadExtensions = {".mp4",
                                                     ".m4v",
                                                     ".mov",
                                                     ".mkv",
                                                     ".webm",
                                                     ".avi",
                                                     ".mpg",
                                                     ".mpeg",
                                                     ".ts",
                                                     ".mts",
                                                     ".vob",
                                                     ".m2ts",
                                                     ".wmv",
                                                     ".flv",
                                                     ".ogv",
                                                     ".3gp",
                                                     ".mxf",
                                                     ".gif"};
const std::array<const char*, 5> kWritableExtensions = {".mp4", ".m4v", ".mov", ".mkv", ".avi"};

bool has_extension(const fs::path& path, const auto& extensions) {
  const std::string extension = lower_case(path.extension().string());
  return std::ranges::find(extensions, extension) != extensions.end();
}

/// By the bytes that formats begin with.
bool begins_like_film(std::string_view head) {
  using namespace std::string_view_literals;
  const auto at = [&](std::size_t offset, std::string_view mark) {
    return head.size() >= offset && head.substr(offset).starts_with(mark);
  };
  if (at(4, "ftyp"sv)) {  // MP4 and MOV; photos of the same form name their kind next.
    return !at(8, "avif"sv) && !at(8, "heic"sv) && !at(8, "heix"sv) && !at(8, "mif1"sv);
  }
  constexpr std::size_t kTransportPacket = 188;
  return at(4, "moov"sv) || at(4, "mdat"sv) || at(4, "wide"sv) ||    // older MOV
         at(0, "\x1A\x45\xDF\xA3"sv) ||                              // Matroska, WebM
         (at(0, "RIFF"sv) && at(8, "AVI "sv)) || at(0, "OggS"sv) ||  //
         at(0, "FLV\x01"sv) || at(0, "GIF8"sv) ||                    //
         at(0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv) ||              // WMV, ASF
         at(0, "\0\0\1\xBA"sv) || at(0, "\0\0\1\xB3"sv) ||           // MPEG
         (at(0, "G"sv) && at(kTransportPacket, "G"sv));              // MPEG transport stream
}

}  // namespace

bool is_video_file(const fs::path& path) {
  if (is_picture_file(path)) return false;
  std::array<char, 256> head{};
  std::ifstream file(path, std::ios::binary);
  std::error_code absent;
  if (!file || fs::is_directory(path, absent)) return has_extension(path, kReadExtensions);
  file.read(head.data(), head.size());
  const auto count = static_cast<std::size_t>(file.gcount());
  return begins_like_film({head.data(), count}) || has_extension(path, kReadExtensions);
}

bool is_writable_video(const fs::path& path) { return has_extension(path, kWritableExtensions); }

void require_writable_video(const fs::path& path) {
  if (is_writable_video(path)) return;
  throw ConfigError(path.string() +
                    ": expected the name of a film that ends in .mp4, .m4v, .mov, .mkv or .avi");
}

std::unique_ptr<VideoReader> open_video(const fs::path& path) {
  const bool opens = std::ifstream(path).good();
  const int reason = errno;  // FFmpeg has one answer for whatever is wrong.
  std::error_code absent;
  if (!opens || fs::is_directory(path, absent)) {
    throw IoError(path.string() +
                  ": cannot read: " + (opens ? "it is a folder" : std::strerror(reason)));
  }
  return video_module(path.string()).open_film(path);
}

std::unique_ptr<VideoReader> open_camera(int index) {
  return video_module("camera " + std::to_string(index)).open_camera(index);
}

}  // namespace impasto
