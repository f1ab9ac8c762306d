#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/encoders.h"
#include "impasto/image/row_codecs.h"

// Binary PPM and PGM: https://netpbm.sourceforge.net/doc/ppm.html

namespace impasto {
namespace {

struct Header {
  int channels = 3;  // 1 or 3
  std::int64_t width = 0;
  std::int64_t height = 0;
  int largest = 0;  // Of a value: above 255 it takes two bytes.
};

/// Reads a header by a function that returns the next byte, or EOF.
template <class Next>
Header read_header(const Next& next, const std::string& name) {
  const auto damaged = [&] { return FormatError(name + ": damaged PPM file: bad header"); };
  Header header;
  if (next() != 'P') throw damaged();
  header.channels = next() == '5' ? 1 : 3;
  const auto number = [&] {
    int c = next();
    for (bool comment = c == '#'; comment || c == ' ' || (c >= '\t' && c <= '\r');) {
      if (c == EOF) throw damaged();
      if (c == '\n') comment = false;
      c = next();
      comment = comment || c == '#';
    }
    std::int64_t value = 0;
    if (c < '0' || c > '9') throw damaged();
    for (; c >= '0' && c <= '9'; c = next()) {
      value = value * 10 + (c - '0');
      if (value > std::numeric_limits<int>::max()) throw damaged();
    }
    return value;  // One white space behind it is taken.
  };
  header.width = number();
  header.height = number();
  const std::int64_t largest = number();
  if (largest < 1 || largest > 65535) throw damaged();
  header.largest = static_cast<int>(largest);
  require_sane_size(header.width, header.height, name);
  return header;
}

std::size_t stored_row(const Header& header) {
  return static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.channels) *
         (header.largest > 255 ? 2 : 1);
}

/// To 8-bit RGB.
void convert_row(const Header& header, const std::uint8_t* from, std::uint8_t* to) {
  const int bytes = header.largest > 255 ? 2 : 1;
  for (std::int64_t x = 0; x < header.width; ++x, to += 3) {
    for (int c = 0; c < header.channels; ++c, from += bytes) {
      const int value = bytes == 2 ? from[0] << 8 | from[1] : from[0];
      const int clamped = value < header.largest ? value : header.largest;
      to[c] = static_cast<std::uint8_t>((clamped * 255 + header.largest / 2) / header.largest);
    }
    if (header.channels == 1) to[1] = to[2] = to[0];
  }
}

FormatError cut_short(const std::string& name) {
  return FormatError(name + ": the PPM file is cut short");
}

class PpmRows final : public RowSource {
 public:
  explicit PpmRows(const std::filesystem::path& path)
      : file_(open_to_read(path)),
        name_(path.string()),
        header_(read_header([this] { return std::getc(file_.get()); }, name_)),
        start_(std::ftell(file_.get())),
        stored_(stored_row(header_)) {}

  int width() const override { return static_cast<int>(header_.width); }
  int height() const override { return static_cast<int>(header_.height); }
  int channels() const override { return 3; }
  void rewind() override {
    std::fseek(file_.get(), start_, SEEK_SET);
    next_ = 0;
  }

  void read(std::span<std::uint8_t> rows) override {
    const std::size_t count = rows.size() / stride();
    if (rows.size() % stride() != 0 || count > static_cast<std::size_t>(height() - next_)) {
      throw ConfigError(name_ + ": expected whole rows of the picture to read, found others");
    }
    for (std::size_t y = 0; y < count; ++y, ++next_) {
      if (std::fread(stored_.data(), 1, stored_.size(), file_.get()) != stored_.size()) {
        throw cut_short(name_);
      }
      convert_row(header_, stored_.data(), rows.data() + y * stride());
    }
  }

 private:
  OpenFile file_;
  const std::string name_;
  const Header header_;
  const long start_;
  std::vector<std::uint8_t> stored_;
  int next_ = 0;
};

std::string header_text(int width, int height) {
  return "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
}

class PpmSink final : public FileSink {
 public:
  PpmSink(const std::filesystem::path& path, int width, int height, int channels)
      : FileSink(path, width, height, channels), opaque_(std::size_t{3} * width) {
    const std::string text = header_text(width, height);
    if (!put(text.data(), text.size())) rethrow();
  }

 private:
  void write_rows(const std::uint8_t* rows, int count) override {
    if (channels() == 3) {
      if (!put(rows, stride() * static_cast<std::size_t>(count))) rethrow();
      return;
    }
    for (int y = 0; y < count; ++y, rows += stride()) {
      lay_row_on_white(rows, width(), opaque_.data());
      if (!put(opaque_.data(), opaque_.size())) rethrow();
    }
  }

  void end() override {}

  std::vector<std::uint8_t> opaque_;
};

}  // namespace

StoredRows open_ppm_rows(const std::filesystem::path& path) {
  return {std::make_unique<PpmRows>(path)};
}

std::unique_ptr<RowSink> create_ppm_rows(const std::filesystem::path& path,
                                         int width,
                                         int height,
                                         int channels,
                                         int /*sample_bytes*/,
                                         const WriteOptions&) {
  return std::make_unique<PpmSink>(path, width, height, channels);
}

DecodedImage decode_ppm(std::span<const std::byte> bytes, const std::string& name) {
  std::size_t at = 0;
  const auto next = [&] { return at < bytes.size() ? std::to_integer<int>(bytes[at++]) : EOF; };
  const Header header = read_header(next, name);
  const std::size_t stored = stored_row(header);
  if (bytes.size() - at < stored * static_cast<std::size_t>(header.height)) throw cut_short(name);
  Image image(static_cast<int>(header.width), static_cast<int>(header.height));
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data()) + at;
  for (int y = 0; y < image.height(); ++y, from += stored) {
    convert_row(header, from, image.row(y));
  }
  return {.pixels = std::move(image)};
}

std::vector<std::byte> encode_ppm(const Image& image, const WriteOptions&) {
  const std::string text = header_text(image.width(), image.height());
  std::vector<std::byte> bytes(text.size() + image.pixels().size());
  std::memcpy(bytes.data(), text.data(), text.size());
  std::memcpy(bytes.data() + text.size(), image.pixels().data(), image.pixels().size());
  return bytes;
}

}  // namespace impasto
