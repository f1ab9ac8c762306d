#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "impasto/base/image.h"

namespace impasto {

/// A picture that is read from top to bottom, some rows at a time, as often as it takes: RGB or
/// RGBA (straight alpha), in sRGB, of 8 or 16 bits a channel. Rows are bytes; samples of 16 bits
/// take two in the machine's order. For pictures that are too large to be held.
class RowSource {
 public:
  virtual ~RowSource() = default;

  virtual int width() const = 0;     ///< In pixels.
  virtual int height() const = 0;    ///< In pixels.
  virtual int channels() const = 0;  ///< 3 or 4.

  /// Bytes of a sample: 1 or 2.
  virtual int sample_bytes() const { return 1; }

  /// Bytes of memory that reading takes, however few rows are asked for.
  virtual std::size_t memory_bytes() const { return 0; }

  /// Goes back to the first row. A new source stands there already. Throws IoError and FormatError.
  virtual void rewind() = 0;

  /// Fills whole rows, which follow those read last. Throws IoError and FormatError, and
  /// ConfigError past the last row.
  virtual void read(std::span<std::uint8_t> rows) = 0;

  /// Bytes of a row.
  std::size_t stride() const {
    return static_cast<std::size_t>(width()) *
           static_cast<std::size_t>(channels() * sample_bytes());
  }
};

/// A picture that is written from top to bottom, some rows at a time.
class RowSink {
 public:
  virtual ~RowSink() = default;

  virtual int width() const = 0;     ///< In pixels.
  virtual int height() const = 0;    ///< In pixels.
  virtual int channels() const = 0;  ///< 3 or 4.

  /// Bytes of a sample: 1 or 2, as in RowSource.
  virtual int sample_bytes() const { return 1; }

  /// Bytes of memory that writing takes, however few rows come at a time.
  virtual std::size_t memory_bytes() const { return 0; }

  /// Takes whole rows, which follow those written last. Throws IoError.
  virtual void write(std::span<const std::uint8_t> rows) = 0;

  /// To be called once after the last row; without it nothing is left behind. Throws IoError, and
  /// ConfigError where rows are missing.
  virtual void finish() = 0;

  /// Bytes of a row.
  std::size_t stride() const {
    return static_cast<std::size_t>(width()) *
           static_cast<std::size_t>(channels() * sample_bytes());
  }
};

/// Reads from a picture in memory, which has to live as long. `Sample` is std::uint8_t or
/// std::uint16_t.
template <class Sample>
class BasicImageRows final : public RowSource {
 public:
  /// Stands at the first row of `image`, which is not copied.
  explicit BasicImageRows(const BasicImage<Sample>& image) : image_(image) {}

  int width() const override { return image_.width(); }
  int height() const override { return image_.height(); }
  int channels() const override { return image_.channels(); }
  int sample_bytes() const override { return sizeof(Sample); }
  std::size_t memory_bytes() const override { return image_.pixels().size_bytes(); }
  void rewind() override { next_ = 0; }
  void read(std::span<std::uint8_t> rows) override;

 private:
  const BasicImage<Sample>& image_;
  std::size_t next_ = 0;  // byte
};

/// Writes into a picture in memory.
template <class Sample>
class BasicImageSink final : public RowSink {
 public:
  /// A black picture to fill. Throws ConfigError as BasicImage does.
  BasicImageSink(int width, int height, int channels) : image_(width, height, channels) {}

  int width() const override { return image_.width(); }
  int height() const override { return image_.height(); }
  int channels() const override { return image_.channels(); }
  int sample_bytes() const override { return sizeof(Sample); }
  std::size_t memory_bytes() const override { return image_.pixels().size_bytes(); }
  void write(std::span<const std::uint8_t> rows) override;
  void finish() override;

  /// The picture, of which this object has nothing left.
  BasicImage<Sample> take() { return std::move(image_); }

 private:
  BasicImage<Sample> image_;
  std::size_t next_ = 0;  // byte
};

extern template class BasicImageRows<std::uint8_t>;
extern template class BasicImageRows<std::uint16_t>;
extern template class BasicImageSink<std::uint8_t>;
extern template class BasicImageSink<std::uint16_t>;

/// Of pictures with 8 bits a channel.
using ImageRows = BasicImageRows<std::uint8_t>;

/// Likewise.
using ImageSink = BasicImageSink<std::uint8_t>;

}  // namespace impasto
