#include "impasto/train/tensorboard_writer.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "impasto/base/error.h"
#include "impasto/train/crc32c.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

// Field numbers of event.proto and summary.proto.
enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
constexpr int kSummaryValue = 1;
enum ValueField { kTag = 1, kSimpleValue = 2, kImage = 4 };
enum ImageField { kHeight = 1, kWidth = 2, kColorspace = 3, kEncodedImage = 4 };
constexpr int kSessionStatus = 1;
constexpr std::uint64_t kSessionStart = 1;

/// The least significant byte first, as both protobuf and TFRecord have it.
template <class Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i)
    bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

// --- protobuf's wire format: https://protobuf.dev/programming-guides/encoding ------------------

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}

std::string key(int field, unsigned wire_type) {
  return varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
}

std::string integer_field(int field, std::uint64_t value) { return key(field, 0) + varint(value); }

std::string double_field(int field, double value) {
  return key(field, 1) + little_endian(std::bit_cast<std::uint64_t>(value));
}

std::string float_field(int field, float value) {
  return key(field, 5) + little_endian(std::bit_cast<std::uint32_t>(value));
}

/// A string, bytes or a message.
std::string bytes_field(int field, std::string_view bytes) {
  return key(field, 2) + varint(bytes.size()) + std::string(bytes);
}

// --- TFRecord ---------------------------------------------------------------------------------

/// Checksums of data that hold checksums would be weak, hence the mask.
std::uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U;
}

std::string record(std::string_view data) {
  const std::string length = little_endian(static_cast<std::uint64_t>(data.size()));
  return length + little_endian(masked_crc(length)) + std::string(data) +
         little_endian(masked_crc(data));
}

// --- PNG --------------------------------------------------------------------------------------

struct PngHeader {
  std::uint64_t width;
  std::uint64_t height;
  std::uint64_t channels;
};

PngHeader read_png_header(std::string_view png) {
  constexpr std::string_view kStart("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  constexpr std::array<int, 7> kChannels = {1, 0, 3, 3, 2, 0, 4};  // by colour type
  constexpr std::size_t kColourType = 25;
  if (!png.starts_with(kStart) || png.size() <= kColourType) {
    throw FormatError("TensorBoard: a picture is not PNG");
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(png[i]));
  };
  const auto number = [&](std::size_t i) {
    return byte(i) << 24 | byte(i + 1) << 16 | byte(i + 2) << 8 | byte(i + 3);
  };
  const auto type = byte(kColourType);
  const int channels = type < kChannels.size() ? kChannels[type] : 0;
  if (channels == 0) throw FormatError("TensorBoard: a picture is a damaged PNG");
  return {
      .width = number(16), .height = number(20), .channels = static_cast<std::uint64_t>(channels)};
}

// ----------------------------------------------------------------------------------------------

double system_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Sorts by time, and is taken by no other writer.
fs::path new_file(const fs::path& folder, double seconds) {
  char host[256] = "localhost";
  if (gethostname(host, sizeof host) != 0) std::strcpy(host, "localhost");
  host[sizeof host - 1] = '\0';
  for (int number = 0;; ++number) {
    char start[64];
    std::snprintf(
        start, sizeof start, "events.out.tfevents.%010lld.", static_cast<long long>(seconds));
    const fs::path path = folder / (start + std::string(host) + "." + std::to_string(getpid()) +
                                    "." + std::to_string(number));
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return path;
  }
}

}  // namespace

TensorBoardWriter::TensorBoardWriter(const fs::path& folder, const TensorBoardOptions& options)
    : clock_(options.clock ? options.clock : system_seconds) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw IoError(folder.string() + ": cannot be made: " + error.message());
  path_ = new_file(folder, clock_());
  stream_.open(path_, std::ios::binary);
  if (!stream_) throw IoError(path_.string() + ": cannot be written: " + std::strerror(errno));
  write_event(0, bytes_field(kFileVersion, "brain.Event:2"));
  if (options.resumed_after > 0) {
    write_event(options.resumed_after + 1,
                bytes_field(kSessionLog, integer_field(kSessionStatus, kSessionStart)));
  }
}

void TensorBoardWriter::write_scalar(std::string_view tag, std::int64_t step, double value) {
  const std::string entry =
      bytes_field(kTag, tag) + float_field(kSimpleValue, static_cast<float>(value));
  write_event(step, bytes_field(kSummary, bytes_field(kSummaryValue, entry)));
}

void TensorBoardWriter::write_image(std::string_view tag,
                                    std::int64_t step,
                                    std::span<const std::byte> png) {
  const std::string_view bytes(reinterpret_cast<const char*>(png.data()), png.size());
  const PngHeader header = read_png_header(bytes);
  const std::string image =
      integer_field(kHeight, header.height) + integer_field(kWidth, header.width) +
      integer_field(kColorspace, header.channels) + bytes_field(kEncodedImage, bytes);
  const std::string entry = bytes_field(kTag, tag) + bytes_field(kImage, image);
  write_event(step, bytes_field(kSummary, bytes_field(kSummaryValue, entry)));
}

void TensorBoardWriter::write_event(std::int64_t step, std::string_view content) {
  std::string event = double_field(kWallTime, clock_());
  // Protobuf leaves out what is 0.
  if (step != 0) event += integer_field(kStep, static_cast<std::uint64_t>(step));
  event += content;
  stream_ << record(event) << std::flush;
  if (!stream_) throw IoError(path_.string() + ": cannot be written: " + std::strerror(errno));
}

}  // namespace impasto
