#include <string_view>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/image/alpha.h"
#include "impasto/image/color_profile.h"
#include "impasto/image/decoders.h"
#include "impasto/image/exif.h"
#include "impasto/image/file_parts.h"
#include "impasto/image/image_io.h"
#include "impasto/image/row_codecs.h"
#include "impasto/image/row_io.h"

namespace impasto {
namespace {

struct Reader {
  DecodedImage (*decode)(std::span<const std::byte> bytes, const std::string& name);
  /// Null: decoded whole.
  StoredRows (*open)(const std::filesystem::path& path);
};

// The reader for the format that the first bytes announce, whatever the file is called.
Reader reader_for(std::string_view text, const std::string& name) {
  if (text.empty()) throw FormatError(name + ": expected a picture, found an empty file");
  if (text.starts_with("\xFF\xD8\xFF")) return {decode_jpeg, open_jpeg_rows};
  if (text.starts_with("\x89PNG\r\n\x1A\n")) return {decode_png, open_png_rows};
  if (text.starts_with("RIFF") && text.substr(0, 16).find("WEBP") == 8)
    return {decode_webp, nullptr};
  if (text.starts_with("P6") || text.starts_with("P5")) return {decode_ppm, open_ppm_rows};
  if (text.starts_with("BM")) return {decode_bmp, nullptr};
  for (const char* mark : {"II*\0", "MM\0*", "II+\0", "MM\0+"}) {
    if (text.starts_with(std::string_view(mark, 4))) return {decode_tiff, open_tiff_rows};
  }
  throw FormatError(name +
                    ": expected a JPEG, PNG, WebP, TIFF, PPM or BMP picture, found other data");
}

}  // namespace

void require_sane_size(std::int64_t width, std::int64_t height, const std::string& name) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 30;
  const bool sane = width > 0 && height > 0 && width <= kMostPixels / height;
  if (sane) return;
  throw FormatError(name + ": expected a picture of at most 2^30 pixels, found a size of " +
                    std::to_string(width) + "x" + std::to_string(height));
}

namespace {

/// The picture upright and in sRGB.
template <class Sample>
BasicImage<Sample> finished(BasicImage<Sample> image,
                            int orientation,
                            std::span<const std::byte> profile,
                            const std::string& name,
                            const ReadOptions& options) {
  if (const auto transform = ColorTransform::from_profile(profile, name)) {
    transform->apply(image.pixels(), image.channels());
  }
  if (!options.keep_alpha) image = on_white(std::move(image));
  return apply_orientation(std::move(image), orientation);
}

}  // namespace

Picture decode_picture(std::span<const std::byte> bytes,
                       const std::string& name,
                       const ReadOptions& options) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Reader reader = reader_for(text, name);
  FileParts parts = read_parts(ByteReader(bytes));
  DecodedImage decoded = reader.decode(bytes, name);
  const auto& profile = decoded.profile.empty() ? parts.profile : decoded.profile;
  Picture picture;
  std::visit(
      [&](auto& image) {
        picture.pixels = finished(std::move(image), decoded.orientation, profile, name, options);
      },
      decoded.pixels);
  picture.metadata = std::move(parts.metadata);
  picture.metadata.exif = upright_exif(std::move(picture.metadata.exif));
  return picture;
}

Picture read_picture(const std::filesystem::path& path, const ReadOptions& options) {
  return decode_picture(read_file(path), path.string(), options);
}

Image decode_image(std::span<const std::byte> bytes,
                   const std::string& name,
                   const ReadOptions& options) {
  Picture picture = decode_picture(bytes, name, options);
  if (const auto* deep = std::get_if<Image16>(&picture.pixels)) return to_8_bits(*deep);
  return std::get<Image>(std::move(picture.pixels));
}

Image read_image(const std::filesystem::path& path, const ReadOptions& options) {
  return decode_image(read_file(path), path.string(), options);
}

std::unique_ptr<RowSource> open_rows(const std::filesystem::path& path,
                                     const std::filesystem::path& scratch_folder) {
  char head[16];
  const OpenFile file = open_to_read(path);
  const std::size_t count = std::fread(head, 1, sizeof head, file.get());
  const Reader reader = reader_for({head, count}, path.string());
  StoredRows stored;
  if (reader.open != nullptr) stored = reader.open(path);
  if (stored.rows == nullptr) return nullptr;
  if (stored.profile.empty()) stored.profile = read_parts(ByteReader(file.get())).profile;
  stored.rows = colour_managed(std::move(stored.rows), stored.profile, path.string());
  return turned_rows(std::move(stored), scratch_folder);
}

}  // namespace impasto
