#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "impasto/base/image.h"

namespace impasto {

/// A picture that is read from top to bottom, some rows at a time, as often as it takes: 8 bits a
/// channel, RGB or RGBA (straight alpha), in sRGB. For pictures that are too large to be held.
class RowSource {
 public:
  virtual ~RowSource() = default;

  virtual int width() const = 0;     ///< In pixels.
  virtual int height() const = 0;    ///< In pixels.
  virtual int channels() const = 0;  ///< 3 or 4.

  /// Bytes of memory that reading takes, however few rows are asked for.
  virtual std::size_t memory_bytes() const { return 0; }

  /// Goes back to the first row. A new source stands there already. Throws IoError and FormatError.
  virtual void rewind() = 0;

  /// Fills whole rows, which follow those read last. Throws IoError and FormatError, and
  /// ConfigError past the last row.
  virtual void read(std::span<std::uint8_t> rows) = 0;

  /// Bytes of a row.
  std::size_t stride() const {
    return static_cast<std::size_t>(width()) * static_cast<std::size_t>(channels());
  }
};

/// A picture that is written from top to bottom, some rows at a time.
class RowSink {
 public:
  virtual ~RowSink() = default;

  virtual int width() const = 0;     ///< In pixels.
  virtual int height() const = 0;    ///< In pixels.
  virtual int channels() const = 0;  ///< 3 or 4.

  /// Bytes of memory that writing takes, however few rows come at a time.
  virtual std::size_t memory_bytes() const { return 0; }

  /// Takes whole rows, which follow those written last. Throws IoError.
  virtual void write(std::span<const std::uint8_t> rows) = 0;

  /// To be called once after the last row; without it nothing is left behind. Throws IoError, and
  /// ConfigError where rows are missing.
  virtual void finish() = 0;

  /// Bytes of a row.
  std::size_t stride() const {
    return static_cast<std::size_t>(width()) * static_cast<std::size_t>(channels());
  }
};

/// Reads from a picture in memory, which has to live as long.
class ImageRows final : public RowSource {
 public:
  /// Stands at the first row of `image`, which is not copied.
  explicit ImageRows(const Image& image) : image_(image) {}

  int width() const override { return image_.width(); }
  int height() const override { return image_.height(); }
  int channels() const override { return image_.channels(); }
  std::size_t memory_bytes() const override { return image_.pixels().size(); }
  void rewind() override { next_ = 0; }
  void read(std::span<std::uint8_t> rows) override;

 private:
  const Image& image_;
  std::size_t next_ = 0;  // byte
};

/// Writes into a picture in memory.
class ImageSink final : public RowSink {
 public:
  /// A black picture to fill. Throws ConfigError as BasicImage does.
  ImageSink(int width, int height, int channels) : image_(width, height, channels) {}

  int width() const override { return image_.width(); }
  int height() const override { return image_.height(); }
  int channels() const override { return image_.channels(); }
  std::size_t memory_bytes() const override { return image_.pixels().size(); }
  void write(std::span<const std::uint8_t> rows) override;
  void finish() override;

  /// The picture, of which this object has nothing left.
  Image take() { return std::move(image_); }

 private:
  Image image_;
  std::size_t next_ = 0;  // byte
};

}  // namespace impasto
