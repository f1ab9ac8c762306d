#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/tiff_module.h"

// TIFF by libtiff, in a library of its own: see tiff_module.h.

namespace impasto {
namespace {

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using OpenTiff = std::unique_ptr<TIFF, CloseTiff>;

/// libtiff's options for one file: what goes wrong is remembered, not printed.
class Messages {
 public:
  Messages() : options_(TIFFOpenOptionsAlloc()) {
    TIFFOpenOptionsSetErrorHandlerExtR(options_, remember, this);
    TIFFOpenOptionsSetWarningHandlerExtR(
        options_, [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, nullptr);
  }
  ~Messages() { TIFFOpenOptionsFree(options_); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  TIFFOpenOptions* options() const { return options_; }

  FormatError damaged(const std::string& name) const {
    const std::string reason = first_[0] == '\0' ? "" : std::string(": ") + first_;
    return FormatError(name + ": damaged or unsupported TIFF file" + reason);
  }

 private:
  static int remember(TIFF*, void* self, const char*, const char* format, va_list values) {
    char* const text = static_cast<Messages*>(self)->first_;
    if (text[0] == '\0') std::vsnprintf(text, sizeof first_, format, values);
    return 1;
  }

  TIFFOpenOptions* const options_;
  char first_[200] = "";
};

/// A file in memory, with the functions of AtomicFile that libtiff needs.
class MemoryFile {
 public:
  MemoryFile() = default;
  explicit MemoryFile(std::span<const std::byte> bytes) : bytes_(bytes.begin(), bytes.end()) {}

  std::uint64_t size() const { return bytes_.size(); }
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t offset) { position_ = offset; }

  std::size_t read(std::span<std::byte> to) {
    if (position_ >= size()) return 0;
    const std::size_t count = std::min(to.size(), static_cast<std::size_t>(size() - position_));
    std::copy_n(bytes_.data() + position_, count, to.data());
    position_ += count;
    return count;
  }

  void write(std::span<const std::byte> from) {
    if (position_ + from.size() > size()) bytes_.resize(position_ + from.size());
    std::ranges::copy(from, bytes_.data() + position_);
    position_ += from.size();
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t position_ = 0;
};

/// A file with those functions as libtiff's, through which no exception may pass.
template <class File>
struct Client {
  File* file;
  std::exception_ptr failure = {};

  template <class Work>
  static tmsize_t guard(thandle_t self, const Work& work) {
    try {
      return static_cast<tmsize_t>(work(*static_cast<Client*>(self)->file));
    } catch (...) {
      static_cast<Client*>(self)->failure = std::current_exception();
      return -1;
    }
  }

  OpenTiff open(const char* mode, const Messages& messages) {
    return OpenTiff(TIFFClientOpenExt(
        "",
        mode,
        this,
        [](thandle_t self, void* to, tmsize_t size) {
          return guard(self, [&](File& f) {
            return f.read({static_cast<std::byte*>(to), static_cast<std::size_t>(size)});
          });
        },
        [](thandle_t self, void* from, tmsize_t size) {
          return guard(self, [&](File& f) {
            f.write({static_cast<const std::byte*>(from), static_cast<std::size_t>(size)});
            return size;
          });
        },
        [](thandle_t self, toff_t offset, int whence) -> toff_t {
          return static_cast<toff_t>(guard(self, [&](File& f) {
            const std::uint64_t base = whence == SEEK_CUR   ? f.position()
                                       : whence == SEEK_END ? f.size()
                                                            : 0;
            f.seek(base + offset);
            return f.position();
          }));
        },
        [](thandle_t) { return 0; },
        [](thandle_t self) -> toff_t { return static_cast<Client*>(self)->file->size(); },
        [](thandle_t, void**, toff_t*) { return 0; },
        [](thandle_t, void*, toff_t) {},
        messages.options()));
  }
};

template <class Number>
Number tag(TIFF* tiff, std::uint32_t name, Number otherwise) {
  Number value = otherwise;
  TIFFGetFieldDefaulted(tiff, name, &value);
  return value;
}

/// The pixels of an open file. Grey and RGB of 8 or 16 bits in strips are read row by row; libtiff
/// converts all others, such as palettes, CMYK and tiles, a strip or a row of tiles at a time.
class Decoder {
 public:
  Decoder(TIFF* tiff, const Messages& messages, const std::string& name)
      : tiff_(tiff), messages_(messages), name_(name) {
    const auto width = tag<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
    const auto height = tag<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
    require_sane_size(width, height, name);
    width_ = static_cast<int>(width);
    height_ = static_cast<int>(height);
    samples_ = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    bytes_ = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1) / 8;
    const auto kind = tag<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, 0xFFFF);
    const bool rgb = kind == PHOTOMETRIC_RGB;
    colours_ = rgb ? 3 : 1;
    if (samples_ > colours_) alpha_ = alpha_kind();
    const auto format = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (bytes_ > 2 || format != SAMPLEFORMAT_UINT) {
      throw FormatError(name + ": expected 8 or 16 bits a channel, found another kind of numbers");
    }
    direct_ = !TIFFIsTiled(tiff) && (rgb || kind == PHOTOMETRIC_MINISBLACK) &&
              samples_ >= colours_ &&
              tag<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, 1) == PLANARCONFIG_CONTIG &&
              tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1) == 8 * bytes_ && bytes_ > 0;
    const std::uint32_t chunk = TIFFIsTiled(tiff)
                                    ? tag<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, height)
                                    : tag<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, height);
    chunk_rows_ = static_cast<int>(std::clamp<std::uint32_t>(chunk, 1, height));
    row_.resize(direct_ ? static_cast<std::size_t>(TIFFScanlineSize(tiff)) : 0);
  }

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return alpha_ != Alpha::kNone ? 4 : 3; }
  int orientation() const { return tag<std::uint16_t>(tiff_, TIFFTAG_ORIENTATION, 1); }

  /// ICC, of pictures that are stored as RGB or grey; empty: none.
  std::vector<std::byte> profile() const {
    std::uint32_t size = 0;
    const void* bytes = nullptr;
    if (!TIFFGetField(tiff_, TIFFTAG_ICCPROFILE, &size, &bytes)) return {};
    const auto* begin = static_cast<const std::byte*>(bytes);
    return {begin, begin + size};
  }

  /// What is kept beside the rows asked for: of an uncompressed strip nothing, else the strip or
  /// the tiles as libtiff decodes and converts them.
  std::size_t memory_bytes() const {
    if (direct_) return row_.size();
    return std::size_t{2} * 4 * static_cast<std::size_t>(width_) *
           static_cast<std::size_t>(chunk_rows_);
  }

  void rewind() { next_ = 0; }

  void read(std::uint8_t* rows, int count) {
    const std::size_t stride = static_cast<std::size_t>(width_) * channels();
    for (int y = 0; y < count; ++y, ++next_, rows += stride) {
      if (direct_) {
        if (TIFFReadScanline(tiff_, row_.data(), static_cast<std::uint32_t>(next_), 0) < 0) {
          throw messages_.damaged(name_);
        }
        convert(rows);
      } else {
        const int first = next_ / chunk_rows_ * chunk_rows_;
        if (first != chunk_first_) load_chunk(first);
        const std::uint32_t* pixel =
            chunk_.data() + static_cast<std::size_t>(next_ - first) * width_;
        for (int x = 0; x < width_; ++x) put_packed(pixel[x], rows + x * channels());
      }
    }
  }

 private:
  enum class Alpha { kNone, kStraight, kMultiplied };

  Alpha alpha_kind() const {
    std::uint16_t count = 0;
    std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_EXTRASAMPLES, &count, &kinds);
    if (count == 0 || kinds == nullptr) return Alpha::kNone;
    return kinds[0] == EXTRASAMPLE_ASSOCALPHA ? Alpha::kMultiplied : Alpha::kStraight;
  }

  std::uint8_t sample(std::size_t index) const {
    if (bytes_ == 1) return row_[index];
    std::uint16_t value;
    std::memcpy(&value, row_.data() + 2 * index, sizeof value);
    return static_cast<std::uint8_t>((value + 128) / 257);
  }

  void convert(std::uint8_t* out) const {
    const std::size_t step = samples_;
    for (std::size_t i = 0; i < step * static_cast<std::size_t>(width_); i += step) {
      for (int c = 0; c < 3; ++c) out[c] = sample(i + (colours_ == 3 ? c : 0));
      if (alpha_ != Alpha::kNone) {
        out[3] = sample(i + colours_);
        if (alpha_ == Alpha::kMultiplied) unmultiply(out);
      }
      out += channels();
    }
  }

  static void unmultiply(std::uint8_t* pixel) {
    const int alpha = pixel[3];
    if (alpha == 0) return;
    for (int c = 0; c < 3; ++c) {
      pixel[c] = static_cast<std::uint8_t>(std::min(255, (pixel[c] * 255 + alpha / 2) / alpha));
    }
  }

  /// libtiff multiplies what it converts by alpha.
  void put_packed(std::uint32_t packed, std::uint8_t* out) const {
    std::uint8_t pixel[4] = {static_cast<std::uint8_t>(TIFFGetR(packed)),
                             static_cast<std::uint8_t>(TIFFGetG(packed)),
                             static_cast<std::uint8_t>(TIFFGetB(packed)),
                             static_cast<std::uint8_t>(TIFFGetA(packed))};
    if (channels() == 4) unmultiply(pixel);
    std::copy_n(pixel, channels(), out);
  }

  void load_chunk(int first) {
    const int rows = std::min(chunk_rows_, height_ - first);
    chunk_.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(rows));
    TIFFRGBAImage image;
    char reason[1024] = "";
    if (!TIFFRGBAImageBegin(&image, tiff_, 1, reason)) {
      throw FormatError(name_ + ": damaged or unsupported TIFF file: " + reason);
    }
    image.req_orientation = image.orientation;  // As stored.
    image.row_offset = first;
    image.col_offset = 0;
    const int done = TIFFRGBAImageGet(&image,
                                      chunk_.data(),
                                      static_cast<std::uint32_t>(width_),
                                      static_cast<std::uint32_t>(rows));
    TIFFRGBAImageEnd(&image);
    if (!done) throw messages_.damaged(name_);
    chunk_first_ = first;
  }

  TIFF* const tiff_;
  const Messages& messages_;
  const std::string name_;
  int width_ = 0, height_ = 0;
  int samples_ = 0, bytes_ = 0, colours_ = 0;
  Alpha alpha_ = Alpha::kNone;
  bool direct_ = false;
  std::vector<std::uint8_t> row_;
  int chunk_rows_ = 0;
  std::vector<std::uint32_t> chunk_;
  int chunk_first_ = -1;
  int next_ = 0;
};

class TiffRows final : public RowSource {
 public:
  explicit TiffRows(const std::filesystem::path& path)
      : name_(path.string()),
        // Mapped pages would count as memory of this process.
        tiff_(TIFFOpenExt(path.c_str(), "rm", messages_.options())),
        decoder_(checked(), messages_, name_) {}

  int width() const override { return decoder_.width(); }
  int height() const override { return decoder_.height(); }
  int channels() const override { return decoder_.channels(); }
  std::size_t memory_bytes() const override { return decoder_.memory_bytes(); }
  int orientation() const { return decoder_.orientation(); }
  std::vector<std::byte> profile() const { return decoder_.profile(); }

  void rewind() override {
    decoder_.rewind();
    next_ = 0;
  }

  void read(std::span<std::uint8_t> rows) override {
    const std::size_t count = rows.size() / stride();
    if (rows.size() % stride() != 0 || count > static_cast<std::size_t>(height() - next_)) {
      throw ConfigError(name_ + ": expected whole rows of the picture to read, found others");
    }
    decoder_.read(rows.data(), static_cast<int>(count));
    next_ += static_cast<int>(count);
  }

 private:
  TIFF* checked() const {
    if (tiff_ == nullptr) throw messages_.damaged(name_);
    return tiff_.get();
  }

  const std::string name_;
  Messages messages_;
  OpenTiff tiff_;
  Decoder decoder_;
  int next_ = 0;
};

DecodedImage decode(std::span<const std::byte> bytes, const std::string& name) {
  const Messages messages;
  MemoryFile file(bytes);
  Client<MemoryFile> client{&file};
  const OpenTiff tiff = client.open("rm", messages);
  if (tiff == nullptr) throw messages.damaged(name);
  Decoder decoder(tiff.get(), messages, name);
  DecodedImage result;
  result.image = Image(decoder.width(), decoder.height(), decoder.channels());
  decoder.read(result.image.row(0), decoder.height());
  result.orientation = decoder.orientation();
  result.profile = decoder.profile();
  return result;
}

StoredRows open(const std::filesystem::path& path) {
  auto rows = std::make_unique<TiffRows>(path);
  const int orientation = rows->orientation();
  std::vector<std::byte> profile = rows->profile();
  return {std::move(rows), orientation, std::move(profile)};
}

// --- writing ----------------------------------------------------------------------------------

/// Sizes that 32-bit offsets do not hold need BigTIFF.
const char* mode_for(int width, int height, int channels) {
  constexpr double kMost = 4e9;
  return static_cast<double>(width) * height * channels < kMost ? "w" : "w8";
}

bool begin(TIFF* tiff, int width, int height, int channels) {
  const std::uint16_t extra[] = {EXTRASAMPLE_UNASSALPHA};
  return TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(width)) &&
         TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(height)) &&
         TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels) &&
         TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8) &&
         TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) &&
         TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
         TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) &&
         TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE) &&
         TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL) &&
         TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16) &&
         (channels == 3 || TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, extra));
}

/// libtiff changes the row that it is given.
bool write_row(TIFF* tiff, std::vector<std::uint8_t>& row, int y) {
  return TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0) >= 0;
}

std::vector<std::byte> encode(const Image& image, const WriteOptions&) {
  const Messages messages;
  MemoryFile file;
  Client<MemoryFile> client{&file};
  OpenTiff tiff = client.open(mode_for(image.width(), image.height(), image.channels()), messages);
  if (tiff == nullptr || !begin(tiff.get(), image.width(), image.height(), image.channels())) {
    return {};
  }
  for (int y = 0; y < image.height(); ++y) {
    std::vector<std::uint8_t> row(image.row(y), image.row(y) + image.stride());
    if (!write_row(tiff.get(), row, y)) return {};
  }
  if (!TIFFFlush(tiff.get())) return {};
  tiff.reset();
  if (client.failure) return {};
  return file.take();
}

class TiffSink final : public FileSink {
 public:
  TiffSink(const std::filesystem::path& path, int width, int height, int channels)
      : FileSink(path, width, height, channels),
        client_{&file_},
        tiff_(client_.open(mode_for(width, height, channels), messages_)) {
    if (tiff_ == nullptr || !begin(tiff_.get(), width, height, channels)) fail();
  }

 private:
  [[noreturn]] void fail() {
    failure_ = client_.failure;
    rethrow();
  }

  void write_rows(const std::uint8_t* rows, int count) override {
    for (int y = 0; y < count; ++y, rows += stride()) {
      row_.assign(rows, rows + stride());
      if (!write_row(tiff_.get(), row_, next_++) || client_.failure) fail();
    }
  }

  void end() override {
    const bool flushed = TIFFFlush(tiff_.get()) != 0;
    tiff_.reset();
    if (!flushed || client_.failure) fail();
  }

  Messages messages_;
  Client<AtomicFile> client_;
  OpenTiff tiff_;
  std::vector<std::uint8_t> row_;
  int next_ = 0;
};

std::unique_ptr<RowSink> create(
    const std::filesystem::path& path, int width, int height, int channels, const WriteOptions&) {
  return std::make_unique<TiffSink>(path, width, height, channels);
}

/// Runs when libimpasto_tiff is loaded.
[[maybe_unused]] const bool kRegistered = [] {
  register_tiff({.decode = decode, .encode = encode, .open = open, .create = create});
  return true;
}();

}  // namespace
}  // namespace impasto
