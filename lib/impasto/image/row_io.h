#pragma once

#include <filesystem>
#include <memory>

#include "impasto/base/row_stream.h"
#include "impasto/image/image_io.h"

namespace impasto {

/// Opens a picture file to be read from top to bottom, for pictures that are too large to be held:
/// what read_picture gives with `keep_alpha`, some rows at a time. Null where the format has to be
/// decoded whole: WebP, BMP, interlaced PNG.
///
/// JPEG, PNG, TIFF and PPM need no more memory than some rows, but for progressive JPEG files,
/// which keep 2 bytes a stored value (see RowSource::memory_bytes), and strips and tiles of TIFF. A
/// picture whose EXIF orientation turns it upside down or on its side is copied once to a scratch
/// file in `scratch_folder` (empty: the system's folder for temporary files), of the size of its
/// pixels.
///
/// Throws IoError where the file cannot be opened or there is no room for that copy, and
/// FormatError where it is no picture; reading, FormatError where it is damaged or cut short.
std::unique_ptr<RowSource> open_rows(const std::filesystem::path& path,
                                     const std::filesystem::path& scratch_folder = {});

/// Opens a picture file to be written from top to bottom, with the rules of write_image: the format
/// by the extension, atomically, alpha laid on white where the format has none. It takes samples of
/// `sample_bytes`, 1 or 2; formats without 16 bits a channel store 8. Null for WebP and BMP, which
/// are encoded whole. Throws ConfigError as write_image does, and IoError.
std::unique_ptr<RowSink> create_rows(const std::filesystem::path& path,
                                     int width,
                                     int height,
                                     int channels,
                                     const WriteOptions& options = {},
                                     int sample_bytes = 1);

}  // namespace impasto
