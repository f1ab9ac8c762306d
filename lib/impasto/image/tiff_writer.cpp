#include "impasto/image/tiff_writer.h"

#include <tiffio.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "impasto/image/tiff_client.h"

namespace impasto::tiff {
namespace {

/// Sizes that 32-bit offsets do not hold need BigTIFF. Always little-endian, as metadata are put
/// in.
const char* mode_for(int width, int height, int channels, int sample_bytes) {
  constexpr double kMost = 4e9;
  return static_cast<double>(width) * height * channels * sample_bytes < kMost ? "wl" : "w8l";
}

bool begin(TIFF* tiff, int width, int height, int channels, int sample_bytes) {
  const std::uint16_t extra[] = {EXTRASAMPLE_UNASSALPHA};
  return TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(width)) &&
         TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(height)) &&
         TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels) &&
         TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8 * sample_bytes) &&
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

template <class Sample>
std::vector<std::byte> encode_samples(const BasicImage<Sample>& image) {
  const Messages messages;
  MemoryFile file;
  Client<MemoryFile> client{&file};
  const int width = image.width(), height = image.height(), channels = image.channels();
  OpenTiff tiff = client.open(mode_for(width, height, channels, sizeof(Sample)), messages);
  if (tiff == nullptr || !begin(tiff.get(), width, height, channels, sizeof(Sample))) return {};
  std::vector<std::uint8_t> row(image.stride() * sizeof(Sample));
  for (int y = 0; y < height; ++y) {
    std::memcpy(row.data(), image.row(y), row.size());
    if (!write_row(tiff.get(), row, y)) return {};
  }
  if (!TIFFFlush(tiff.get())) return {};
  tiff.reset();
  if (client.failure) return {};
  return file.take();
}

class TiffSink final : public FileSink {
 public:
  TiffSink(const std::filesystem::path& path, int width, int height, int channels, int sample_bytes)
      : FileSink(path, width, height, channels, sample_bytes),
        client_{&file_},
        tiff_(client_.open(mode_for(width, height, channels, sample_bytes), messages_)) {
    if (tiff_ == nullptr || !begin(tiff_.get(), width, height, channels, sample_bytes)) fail();
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

}  // namespace

std::vector<std::byte> encode(const Image& image, const WriteOptions&) {
  return encode_samples(image);
}

std::vector<std::byte> encode16(const Image16& image, const WriteOptions&) {
  return encode_samples(image);
}

std::unique_ptr<RowSink> create(const std::filesystem::path& path,
                                int width,
                                int height,
                                int channels,
                                int sample_bytes,
                                const WriteOptions&) {
  return std::make_unique<TiffSink>(path, width, height, channels, sample_bytes);
}

}  // namespace impasto::tiff
