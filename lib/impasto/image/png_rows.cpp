#include <png.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/exif.h"
#include "impasto/image/png_writer.h"
#include "impasto/image/row_codecs.h"

namespace impasto {
namespace {

struct Reading {
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[100] = "";

  Reading() = default;
  ~Reading() { close(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void close() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_read_error(png_structp png, png_const_charp text) {
  auto& reading = *static_cast<Reading*>(png_get_error_ptr(png));
  std::strncpy(reading.message, text, sizeof reading.message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

// The functions that libpng leaves by longjmp: no object in them has a destructor.

// Up to the pixels, which come as RGB or RGBA in sRGB, by libpng's rules for its own simple reader.
bool begin(Reading& reading, std::FILE* file, bool has_profile) {
  reading.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, on_read_error, on_warning);
  if (reading.png == nullptr) return false;
  const png_structp png = reading.png;
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  reading.info = png_create_info_struct(png);
  png_init_io(png, file);
  // What the file says about its colours is applied, sRGB where it says nothing: but for a profile,
  // which is applied to the pixels as they are stored.
  if (!has_profile) png_set_alpha_mode_fixed(png, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
  png_read_info(png, reading.info);
  png_set_expand(png);
  if (std::endian::native == std::endian::little) png_set_swap(png);
  png_set_gray_to_rgb(png);
  png_read_update_info(png, reading.info);
  return true;
}

bool read_row(Reading& reading, png_bytep row) {
  if (setjmp(png_jmpbuf(reading.png)) != 0) return false;
  png_read_row(reading.png, row, nullptr);
  return true;
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

struct Chunks {
  std::byte head[33] = {};  // Of the file: the signature and the first chunk, as far as it goes.
  std::uint64_t file_size = 0;
  std::vector<std::byte> exif;
  bool profile = false;
  bool complete = false;  // The end chunk was found.
};

// Walks over the file, and back to its start.
Chunks scan_chunks(std::FILE* file) {
  constexpr long kSignature = 8, kHeader = 8, kChecksum = 4;
  constexpr std::uint32_t kLongestExif = 1 << 20;
  Chunks chunks;
  static_cast<void>(std::fread(chunks.head, 1, sizeof chunks.head, file));
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  chunks.file_size = static_cast<std::uint64_t>(size);
  for (long at = kSignature; size - at >= kHeader + kChecksum;) {
    unsigned char header[kHeader];
    std::fseek(file, at, SEEK_SET);
    if (std::fread(header, 1, kHeader, file) != kHeader) break;
    const std::uint32_t length = big_endian(header);
    if (static_cast<long>(length) > size - at - kHeader - kChecksum) break;
    if (std::memcmp(header + 4, "eXIf", 4) == 0 && length <= kLongestExif) {
      chunks.exif.resize(length);
      if (std::fread(chunks.exif.data(), 1, length, file) != length) break;
    }
    if (std::memcmp(header + 4, "iCCP", 4) == 0) chunks.profile = true;
    if (std::memcmp(header + 4, "IEND", 4) == 0) {
      chunks.complete = true;
      break;
    }
    at += kHeader + static_cast<long>(length) + kChecksum;
  }
  std::rewind(file);
  return chunks;
}

class PngRows final : public RowSource {
 public:
  explicit PngRows(const std::filesystem::path& path)
      : file_(open_to_read(path)), name_(path.string()) {
    const Chunks chunks = scan_chunks(file_.get());
    if (!chunks.complete) throw FormatError(name_ + ": the PNG file is cut short");
    require_possible_png_size(chunks.head, chunks.file_size, name_);
    orientation_ = exif_orientation(chunks.exif);
    has_profile_ = chunks.profile;
    open();
    const png_uint_32 width = png_get_image_width(reading_.png, reading_.info);
    const png_uint_32 height = png_get_image_height(reading_.png, reading_.info);
    require_sane_size(width, height, name_);
    width_ = static_cast<int>(width);
    height_ = static_cast<int>(height);
    channels_ = png_get_channels(reading_.png, reading_.info);
    sample_bytes_ = png_get_bit_depth(reading_.png, reading_.info) == 16 ? 2 : 1;
  }

  int width() const override { return width_; }
  int height() const override { return height_; }
  int channels() const override { return channels_; }
  int sample_bytes() const override { return sample_bytes_; }
  int orientation() const { return orientation_; }
  bool interlaced() const {
    return png_get_interlace_type(reading_.png, reading_.info) != PNG_INTERLACE_NONE;
  }

  void rewind() override {
    if (next_ == 0) return;
    reading_.close();
    std::rewind(file_.get());
    next_ = 0;
    open();
  }

  void read(std::span<std::uint8_t> rows) override {
    if (rows.size() % stride() != 0 ||
        rows.size() / stride() > static_cast<std::size_t>(height_ - next_)) {
      throw ConfigError(name_ + ": expected whole rows of the picture to read, found others");
    }
    for (std::size_t at = 0; at < rows.size(); at += stride(), ++next_) {
      if (!read_row(reading_, rows.data() + at)) fail();
    }
  }

 private:
  void open() {
    if (!begin(reading_, file_.get(), has_profile_)) fail();
  }

  [[noreturn]] void fail() const {
    throw FormatError(name_ + ": damaged PNG file: " + reading_.message);
  }

  OpenFile file_;
  const std::string name_;
  Reading reading_;
  int width_ = 0, height_ = 0, channels_ = 0, sample_bytes_ = 1;
  int orientation_ = 1;
  bool has_profile_ = false;
  int next_ = 0;
};

}  // namespace

StoredRows open_png_rows(const std::filesystem::path& path) {
  auto rows = std::make_unique<PngRows>(path);
  const int orientation = rows->orientation();
  if (rows->interlaced()) return {};
  return {std::move(rows), orientation};
}

// --- writing ----------------------------------------------------------------------------------

namespace {

class PngSink final : public FileSink {
 public:
  PngSink(const std::filesystem::path& path,
          int width,
          int height,
          int channels,
          int sample_bytes,
          int compression)
      : FileSink(path, width, height, channels, sample_bytes), writer_(this, append) {
    if (!writer_.begin(width, height, channels, 8 * sample_bytes, compression)) rethrow();
  }

 private:
  static bool append(void* sink, const std::uint8_t* bytes, std::size_t size) {
    return static_cast<PngSink*>(sink)->put(bytes, size);
  }

  void write_rows(const std::uint8_t* rows, int count) override {
    for (int y = 0; y < count; ++y) {
      if (!writer_.write_row(rows + stride() * static_cast<std::size_t>(y))) rethrow();
    }
  }

  void end() override {
    if (!writer_.end()) rethrow();
  }

  PngWriter writer_;
};

}  // namespace

std::unique_ptr<RowSink> create_png_rows(const std::filesystem::path& path,
                                         int width,
                                         int height,
                                         int channels,
                                         int sample_bytes,
                                         const WriteOptions& options) {
  return std::make_unique<PngSink>(
      path, width, height, channels, sample_bytes, options.png_compression);
}

}  // namespace impasto
