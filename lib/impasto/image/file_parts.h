#pragma once

// Private: not installed.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "impasto/image/image_io.h"

namespace impasto {

/// Bytes that are read from any place: a file, or memory.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes), size_(bytes.size()) {}
  /// Moves the file's position.
  explicit ByteReader(std::FILE* file);

  std::uint64_t size() const { return size_; }

  /// Those of [offset, offset + count) that are there.
  std::vector<std::byte> read(std::uint64_t offset, std::uint64_t count) const;

 private:
  std::FILE* file_ = nullptr;
  std::span<const std::byte> bytes_;
  std::uint64_t size_ = 0;
};

/// What a picture file holds beside its pixels.
struct FileParts {
  std::vector<std::byte> profile;  ///< ICC; empty: none.
  Metadata metadata;
};

/// Of JPEG, PNG, WebP and TIFF files; empty for others, and without the profile for TIFF. Parts
/// that are damaged or cut short are left out.
///
/// Sources: ICC.1:2010, annex B.4 (JPEG, in APP2 segments); PNG (third edition), section 11.3;
/// WebP container specification; Adobe XMP specification part 3 (in JPEG and PNG).
FileParts read_parts(const ByteReader& file);

/// `encoded`, a JPEG, PNG, WebP or TIFF file of a picture with or without alpha, with metadata in
/// it. What the format does not hold is left out, and a warning in the log says so, with `name`.
std::vector<std::byte> with_metadata(std::vector<std::byte> encoded,
                                     const Metadata& metadata,
                                     const std::string& name,
                                     int width,
                                     int height,
                                     bool has_alpha);

}  // namespace impasto
