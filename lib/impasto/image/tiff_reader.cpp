#include "impasto/image/tiff_reader.h"

#include <tiffio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/ink_transform.h"
#include "impasto/image/tiff_client.h"

namespace impasto::tiff {
namespace {

template <class Number>
Number tag(TIFF* tiff, std::uint32_t name, Number otherwise) {
  Number value = otherwise;
  TIFFGetFieldDefaulted(tiff, name, &value);
  return value;
}

/// The pixels of an open file. Grey, RGB and CMYK of 8 or 16 bits a sample are taken as they are
/// stored, from strips row by row, else a row of tiles, or a strip of each channel, at a time.
/// libtiff converts all others, such as palettes, likewise a part at a time.
class Decoder {
 public:
  Decoder(TIFF* tiff, const Messages& messages, const std::string& name)
      : tiff_(tiff), messages_(messages), name_(name) {
    const auto width = tag<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
    const auto height = tag<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
    require_sane_size(width, height, name);
    require_possible_size();
    width_ = static_cast<int>(width);
    height_ = static_cast<int>(height);
    samples_ = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    const auto bits = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    const auto format = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (bits > 16 || format != SAMPLEFORMAT_UINT) {
      throw FormatError(name + ": expected 8 or 16 bits a channel, found another kind of numbers");
    }
    const auto kind = tag<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, 0xFFFF);
    const bool rgb = kind == PHOTOMETRIC_RGB, grey = kind == PHOTOMETRIC_MINISBLACK;
    const bool cmyk = kind == PHOTOMETRIC_SEPARATED &&
                      tag<std::uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) == INKSET_CMYK;
    colours_ = cmyk ? 4 : rgb ? 3 : 1;
    if (samples_ > colours_) alpha_ = alpha_kind();
    direct_ = (rgb || grey || cmyk) && samples_ >= colours_ && (bits == 8 || bits == 16);
    sample_bytes_ = direct_ ? bits / 8 : 1;
    if (direct_ && cmyk && sample_bytes_ == 1) transform_.emplace<1>(profile(), name);
    if (direct_ && cmyk && sample_bytes_ == 2) transform_.emplace<2>(profile(), name);
    separate_ =
        tag<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) != PLANARCONFIG_CONTIG;
    by_row_ = direct_ && !separate_ && !TIFFIsTiled(tiff);
    const std::uint32_t part = TIFFIsTiled(tiff)
                                   ? tag<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, height)
                                   : tag<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, height);
    part_rows_ = by_row_ ? 1 : static_cast<int>(std::clamp<std::uint32_t>(part, 1, height));
  }

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return alpha_ != Alpha::kNone ? 4 : 3; }
  int sample_bytes() const { return sample_bytes_; }
  int orientation() const { return tag<std::uint16_t>(tiff_, TIFFTAG_ORIENTATION, 1); }

  /// ICC; empty: none.
  std::vector<std::byte> profile() const {
    std::uint32_t size = 0;
    const void* bytes = nullptr;
    if (!TIFFGetField(tiff_, TIFFTAG_ICCPROFILE, &size, &bytes)) return {};
    const auto* begin = static_cast<const std::byte*>(bytes);
    return {begin, begin + size};
  }

  /// What is kept beside the rows asked for: a row of an uncompressed strip, else the part that
  /// libtiff decodes, and about as much to decode it into.
  std::size_t memory_bytes() const {
    const std::size_t part = stored_row() * static_cast<std::size_t>(part_rows_);
    return by_row_ ? part : 2 * part;
  }

  void rewind() { next_ = 0; }

  /// Samples of sample_bytes().
  void read(std::uint8_t* rows, int count) {
    const std::size_t stride = static_cast<std::size_t>(width_) * channels() * sample_bytes_;
    for (int y = 0; y < count; ++y, ++next_, rows += stride) {
      const int first = next_ / part_rows_ * part_rows_;
      if (first != part_first_) load_part(first);
      const std::uint8_t* row = part_.get() + stored_row() * (next_ - first);
      if (!direct_) {
        unpack(row, rows);
      } else if (sample_bytes_ == 1) {
        convert(row, rows);
      } else {
        convert(reinterpret_cast<const std::uint16_t*>(row),
                reinterpret_cast<std::uint16_t*>(rows));
      }
    }
  }

 private:
  enum class Alpha { kNone, kStraight, kMultiplied };

  /// What the header claims must be possible before memory is taken for it. LZW, whose strings grow
  /// by one to the 4096th, compresses best of those whose best is known.
  void require_possible_size() const {
    constexpr std::uint64_t kBestRatio = 1400;
    const auto compression = tag<std::uint16_t>(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    for (const int bounded : {COMPRESSION_NONE,
                              COMPRESSION_PACKBITS,
                              COMPRESSION_LZW,
                              COMPRESSION_DEFLATE,
                              COMPRESSION_ADOBE_DEFLATE}) {
      if (compression != bounded) continue;
      const auto width = tag<std::uint32_t>(tiff_, TIFFTAG_IMAGEWIDTH, 0);
      const auto height = tag<std::uint32_t>(tiff_, TIFFTAG_IMAGELENGTH, 0);
      const std::uint64_t bits = std::uint64_t{width} *
                                 tag<std::uint16_t>(tiff_, TIFFTAG_BITSPERSAMPLE, 1) *
                                 tag<std::uint16_t>(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
      const std::uint64_t size = TIFFGetSizeProc(tiff_)(TIFFClientdata(tiff_));
      const std::uint64_t ratio = compression == COMPRESSION_NONE ? 1 : kBestRatio;
      if (bits / 8 * height / ratio <= size) return;
      throw FormatError(name_ + ": damaged TIFF file: a picture of " + std::to_string(width) + "x" +
                        std::to_string(height) + " does not fit in " + std::to_string(size) +
                        " bytes");
    }
  }

  Alpha alpha_kind() const {
    std::uint16_t count = 0;
    std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_EXTRASAMPLES, &count, &kinds);
    if (count == 0 || kinds == nullptr) return Alpha::kNone;
    return kinds[0] == EXTRASAMPLE_ASSOCALPHA ? Alpha::kMultiplied : Alpha::kStraight;
  }

  /// Bytes of a row as it is stored, or as libtiff converts it.
  std::size_t stored_row() const {
    return static_cast<std::size_t>(width_) *
           (direct_ ? static_cast<std::size_t>(samples_ * sample_bytes_) : sizeof(std::uint32_t));
  }

  template <class Sample>
  static void unmultiply(Sample* colours, int count, Sample alpha) {
    constexpr std::uint32_t kFull = BasicImage<Sample>::kWhite;
    if (alpha == 0) return;
    for (int c = 0; c < count; ++c) {
      const std::uint32_t colour = (colours[c] * kFull + alpha / 2) / alpha;
      colours[c] = static_cast<Sample>(std::min(kFull, colour));
    }
  }

  /// A row from what is stored.
  template <class Sample>
  void convert(const Sample* in, Sample* out) const {
    const auto* const transform = std::get_if<InkTransform<Sample>>(&transform_);
    std::vector<Sample> inks, rgb;
    if (transform != nullptr) {
      inks.resize(std::size_t{4} * width_);
      rgb.resize(std::size_t{3} * width_);
    }
    for (int x = 0; x < width_; ++x, in += samples_) {
      Sample pixel[4];
      std::copy_n(in, colours_, pixel);
      if (alpha_ == Alpha::kMultiplied) unmultiply(pixel, colours_, in[colours_]);
      if (transform != nullptr) {
        std::copy_n(pixel, 4, inks.data() + std::size_t{4} * x);
      } else {
        Sample* const to = out + static_cast<std::ptrdiff_t>(x) * channels();
        for (int c = 0; c < 3; ++c) to[c] = pixel[colours_ == 3 ? c : 0];
      }
      if (alpha_ != Alpha::kNone) out[4 * x + 3] = in[colours_];
    }
    if (transform == nullptr) return;
    transform->apply(std::span<const Sample>(inks), rgb.data());
    for (int x = 0; x < width_; ++x) std::copy_n(rgb.data() + 3 * x, 3, out + x * channels());
  }

  /// A row from what libtiff has converted, which it multiplies by alpha.
  void unpack(const std::uint8_t* row, std::uint8_t* out) const {
    for (int x = 0; x < width_; ++x, out += channels()) {
      std::uint32_t packed;
      std::memcpy(&packed, row + sizeof packed * x, sizeof packed);
      std::uint8_t pixel[4] = {static_cast<std::uint8_t>(TIFFGetR(packed)),
                               static_cast<std::uint8_t>(TIFFGetG(packed)),
                               static_cast<std::uint8_t>(TIFFGetB(packed)),
                               static_cast<std::uint8_t>(TIFFGetA(packed))};
      if (channels() == 4) unmultiply(pixel, 3, pixel[3]);
      std::copy_n(pixel, channels(), out);
    }
  }

  void load_part(int first) {
    const int rows = std::min(part_rows_, height_ - first);
    // Not cleared: what a damaged file claims and does not hold takes no memory then.
    if (part_ == nullptr) {
      part_ = std::make_unique_for_overwrite<std::uint8_t[]>(stored_row() * part_rows_);
    }
    part_first_ = -1;
    if (by_row_) {
      if (TIFFReadScanline(tiff_, part_.get(), static_cast<std::uint32_t>(first), 0) < 0) {
        throw messages_.damaged(name_);
      }
    } else if (direct_) {
      for (int plane = 0; plane < (separate_ ? samples_ : 1); ++plane) {
        load_plane(first, rows, plane);
      }
    } else {
      convert_part(first, rows);
    }
    part_first_ = first;
  }

  /// All samples of the part, or those of one where they are stored apart.
  void load_plane(int first, int rows, int plane) {
    const bool tiled = TIFFIsTiled(tiff_) != 0;
    const int across =
        tiled ? static_cast<int>(tag<std::uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0)) : width_;
    const std::size_t samples = separate_ ? 1 : samples_;
    const std::size_t from_row = samples * sample_bytes_ * across;
    const auto block = std::make_unique_for_overwrite<std::uint8_t[]>(
        static_cast<std::size_t>(tiled ? TIFFTileSize(tiff_) : TIFFStripSize(tiff_)));
    for (int left = 0; left < width_; left += across) {
      const auto y = static_cast<std::uint32_t>(first);
      const auto sample = static_cast<std::uint16_t>(plane);
      const tmsize_t count =
          tiled ? TIFFReadTile(tiff_, block.get(), static_cast<std::uint32_t>(left), y, 0, sample)
                : TIFFReadEncodedStrip(tiff_, TIFFComputeStrip(tiff_, y, sample), block.get(), -1);
      if (count < static_cast<tmsize_t>(from_row * rows)) throw messages_.damaged(name_);
      const int columns = std::min(across, width_ - left);
      for (int row = 0; row < rows; ++row) {
        const std::uint8_t* from = block.get() + from_row * row;
        std::uint8_t* to = part_.get() + stored_row() * row +
                           static_cast<std::size_t>(left * samples_ + plane) * sample_bytes_;
        const std::size_t bytes = samples * sample_bytes_;
        for (int x = 0; x < columns; ++x, from += bytes, to += samples_ * sample_bytes_) {
          std::copy_n(from, bytes, to);
        }
      }
    }
  }

  void convert_part(int first, int rows) {
    TIFFRGBAImage image;
    char reason[1024] = "";
    if (!TIFFRGBAImageBegin(&image, tiff_, 1, reason)) {
      throw FormatError(name_ + ": damaged or unsupported TIFF file: " + reason);
    }
    image.req_orientation = image.orientation;  // As stored.
    image.row_offset = first;
    image.col_offset = 0;
    const int done = TIFFRGBAImageGet(&image,
                                      reinterpret_cast<std::uint32_t*>(part_.get()),
                                      static_cast<std::uint32_t>(width_),
                                      static_cast<std::uint32_t>(rows));
    TIFFRGBAImageEnd(&image);
    if (!done) throw messages_.damaged(name_);
  }

  TIFF* const tiff_;
  const Messages& messages_;
  const std::string name_;
  int width_ = 0, height_ = 0;
  int samples_ = 0, sample_bytes_ = 1;
  int colours_ = 0;  ///< Of the samples of a pixel: the first.
  Alpha alpha_ = Alpha::kNone;
  bool direct_ = false;    ///< Taken as it is stored.
  bool separate_ = false;  ///< Each channel is stored by itself.
  bool by_row_ = false;
  /// Of CMYK that is taken as it is stored.
  std::variant<std::monostate, InkTransform<std::uint8_t>, InkTransform<std::uint16_t>> transform_;
  int part_rows_ = 1;
  std::unique_ptr<std::uint8_t[]> part_;  ///< Rows from `part_first_` on.
  int part_first_ = -1;
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
  int sample_bytes() const override { return decoder_.sample_bytes(); }
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

}  // namespace

DecodedImage decode(std::span<const std::byte> bytes, const std::string& name) {
  const Messages messages;
  MemoryFile file(bytes);
  Client<MemoryFile> client{&file};
  const OpenTiff tiff = client.open("rm", messages);
  if (tiff == nullptr) throw messages.damaged(name);
  Decoder decoder(tiff.get(), messages, name);
  const auto pixels = [&]<class Sample>(BasicImage<Sample> image) {
    decoder.read(reinterpret_cast<std::uint8_t*>(image.pixels().data()), decoder.height());
    return DecodedImage{std::move(image), decoder.orientation(), decoder.profile()};
  };
  const int width = decoder.width(), height = decoder.height(), channels = decoder.channels();
  if (decoder.sample_bytes() == 1) return pixels(Image(width, height, channels));
  return pixels(Image16(width, height, channels));
}

StoredRows open(const std::filesystem::path& path) {
  auto rows = std::make_unique<TiffRows>(path);
  const int orientation = rows->orientation();
  std::vector<std::byte> profile = rows->profile();
  return {std::move(rows), orientation, std::move(profile)};
}

}  // namespace impasto::tiff
