#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>

struct png_struct_def;
struct png_info_def;

namespace impasto {

/// Writes a PNG file row by row. Each call returns false where libpng or `put` failed; the file is
/// then lost.
class PngWriter {
 public:
  /// Takes what is written, and `target`; returns false where it cannot, and does not throw.
  using Put = bool (*)(void* target, const std::uint8_t* bytes, std::size_t size);

  PngWriter(void* target, Put put);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  /// `channels` 3 or 4, `bits` a sample 8 or 16, `compression` 0 to 9.
  bool begin(int width, int height, int channels, int bits, int compression);

  /// Samples of 16 bits in the processor's own order.
  bool write_row(const void* row);

  bool end();

 private:
  png_struct_def* png_;
  png_info_def* info_;
  void* target_;
  Put put_;
};

}  // namespace impasto
