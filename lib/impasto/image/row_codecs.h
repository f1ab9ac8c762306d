#pragma once

// Private: not installed.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "impasto/base/atomic_file.h"
#include "impasto/base/row_stream.h"
#include "impasto/image/image_io.h"

namespace impasto {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

/// Throws IoError that names the file and the system's reason.
OpenFile open_to_read(const std::filesystem::path& path);

/// A picture as its file stores it, and how it is to be turned.
struct StoredRows {
  std::unique_ptr<RowSource> rows;  ///< Null where the file has to be decoded whole.
  int orientation = 1;              ///< EXIF's, 1 to 8.
  /// ICC, of formats whose files read_parts does not know.
  std::vector<std::byte> profile = {};
};

/// One reader a format, each for a file that begins as its format does. Throw FormatError that
/// begins with the path.
StoredRows open_jpeg_rows(const std::filesystem::path& path);
StoredRows open_png_rows(const std::filesystem::path& path);
StoredRows open_tiff_rows(const std::filesystem::path& path);
StoredRows open_ppm_rows(const std::filesystem::path& path);

/// The picture with its colours converted from the profile to sRGB; `rows` itself where there is
/// nothing to convert. `name` is for messages.
std::unique_ptr<RowSource> colour_managed(std::unique_ptr<RowSource> rows,
                                          std::span<const std::byte> profile,
                                          const std::string& name);

/// The picture turned as `orientation` says: mirrored in its rows, or from a copy in a scratch
/// file.
std::unique_ptr<RowSource> turned_rows(StoredRows stored, const std::filesystem::path& folder);

/// What every writer shares: the file, the picture's size, and what went wrong while a C library
/// called back, through which no exception may pass.
class FileSink : public RowSink {
 public:
  FileSink(
      const std::filesystem::path& path, int width, int height, int channels, int sample_bytes = 1)
      : file_(path),
        name_(path.string()),
        width_(width),
        height_(height),
        channels_(channels),
        sample_bytes_(sample_bytes) {}

  int width() const final { return width_; }
  int height() const final { return height_; }
  int channels() const final { return channels_; }
  int sample_bytes() const final { return sample_bytes_; }
  void write(std::span<const std::uint8_t> rows) final;
  void finish() final;

 protected:
  /// Whole rows, none too many.
  virtual void write_rows(const std::uint8_t* rows, int count) = 0;
  /// After the last row.
  virtual void end() = 0;

  /// Appends to the file; false after an error, which `rethrow` throws.
  bool put(const void* bytes, std::size_t size) noexcept;
  /// Throws what `put` met, or IoError that the encoder failed.
  [[noreturn]] void rethrow() const;

  AtomicFile file_;
  std::exception_ptr failure_;
  const std::string name_;

 private:
  const int width_, height_, channels_, sample_bytes_;
  int next_ = 0;
};

/// One writer a format. Those of formats without alpha lay it on white. JPEG and PPM take samples
/// of 1 byte alone.
std::unique_ptr<RowSink> create_jpeg_rows(const std::filesystem::path& path,
                                          int width,
                                          int height,
                                          int channels,
                                          int sample_bytes,
                                          const WriteOptions& options);
std::unique_ptr<RowSink> create_png_rows(const std::filesystem::path& path,
                                         int width,
                                         int height,
                                         int channels,
                                         int sample_bytes,
                                         const WriteOptions& options);
std::unique_ptr<RowSink> create_tiff_rows(const std::filesystem::path& path,
                                          int width,
                                          int height,
                                          int channels,
                                          int sample_bytes,
                                          const WriteOptions& options);
std::unique_ptr<RowSink> create_ppm_rows(const std::filesystem::path& path,
                                         int width,
                                         int height,
                                         int channels,
                                         int sample_bytes,
                                         const WriteOptions& options);

/// Takes 16 bits a channel for a writer of 8.
std::unique_ptr<RowSink> rounded_to_8_bits(std::unique_ptr<RowSink> sink);

/// A row of RGBA as RGB on white.
void lay_row_on_white(const std::uint8_t* rgba, int pixels, std::uint8_t* rgb);

}  // namespace impasto
