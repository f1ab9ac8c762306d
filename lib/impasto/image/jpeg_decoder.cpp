#include <csetjmp>
#include <cstring>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/file_parts.h"
#include "impasto/image/ink_transform.h"
#include "impasto/image/jpeg_common.h"

namespace impasto {
namespace {

// The two functions that libjpeg may leave by longjmp: no object in them has a destructor.

bool read_header(JpegDecoder& jpeg, std::span<const std::byte> bytes) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  jpeg_create_decompress(&jpeg.info);
  jpeg_mem_src(&jpeg.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  constexpr unsigned kLongestMarker = 0xFFFF;
  jpeg_save_markers(&jpeg.info, JPEG_APP0 + 1, kLongestMarker);
  jpeg_read_header(&jpeg.info, TRUE);
  return true;
}

// `rows` points to the rows of a buffer with `output_components` channels.
bool read_pixels(JpegDecoder& jpeg, JSAMPROW* rows) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  jpeg_start_decompress(&jpeg.info);
  while (jpeg.info.output_scanline < jpeg.info.output_height) {
    const JDIMENSION y = jpeg.info.output_scanline;
    jpeg_read_scanlines(&jpeg.info, rows + y, jpeg.info.output_height - y);
  }
  return true;
}

// A large size must be possible before memory is taken for it: but for arithmetic coding, a block
// of 8x8 pixels takes a bit at least.
void require_possible_size(const jpeg_decompress_struct& info,
                           std::size_t file_size,
                           const std::string& name) {
  constexpr std::uint64_t kLarge = 1 << 24, kMostPixelsInByte = 8 * 64;
  const std::uint64_t pixels = std::uint64_t{info.image_width} * info.image_height;
  if (info.arith_code || pixels < kLarge || pixels / kMostPixelsInByte <= file_size) return;
  throw FormatError(name + ": damaged JPEG file: a picture of " + std::to_string(info.image_width) +
                    "x" + std::to_string(info.image_height) + " does not fit in " +
                    std::to_string(file_size) + " bytes");
}

}  // namespace

DecodedImage decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  JpegDecoder jpeg;
  if (!read_header(jpeg, bytes)) jpeg.fail(name);
  jpeg_decompress_struct& info = jpeg.info;
  require_sane_size(info.image_width, info.image_height, name);
  require_possible_size(info, bytes.size(), name);
  const int width = static_cast<int>(info.image_width);
  const int height = static_cast<int>(info.image_height);
  const bool cmyk = info.num_components == 4;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;

  Image image;
  std::vector<std::uint8_t> inks;
  std::uint8_t* pixels;
  const auto stride = static_cast<std::size_t>(width) * (cmyk ? 4 : 3);
  if (cmyk) {
    inks.resize(stride * static_cast<std::size_t>(height));
    pixels = inks.data();
  } else {
    image = Image(width, height);
    pixels = image.pixels().data();
  }
  std::vector<JSAMPROW> rows(static_cast<std::size_t>(height));
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = pixels + stride * y;

  if (!read_pixels(jpeg, rows.data()) || jpeg.handler.data_damaged) jpeg.fail(name);
  // A file that ends early between two scans has all its pixels, but coarse ones. With a single
  // scan nothing but the end marker is missing, as some cameras leave it.
  if (jpeg.handler.file_ended && jpeg_has_multiple_scans(&info)) jpeg.fail(name);

  if (cmyk) {
    image = Image(width, height);
    set_no_ink_to_0(info, inks);
    const InkTransform<std::uint8_t> transform(read_parts(ByteReader(bytes)).profile, name);
    transform.apply(inks, image.pixels().data());
  }
  return {.pixels = std::move(image), .orientation = jpeg_orientation(info)};
}

}  // namespace impasto
