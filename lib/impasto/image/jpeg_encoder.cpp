#include <cstdio>
// jpeglib.h needs FILE to be declared before it.
#include <jpeglib.h>

#include <csetjmp>
#include <cstdlib>

#include "impasto/image/encoders.h"

namespace impasto {
namespace {

struct Compressor {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump;
  unsigned char* bytes = nullptr;  // libjpeg's, from malloc.
  unsigned long size = 0;

  Compressor() {
    info.err = jpeg_std_error(&errors);
    info.client_data = this;
    errors.error_exit = [](j_common_ptr failed) {
      std::longjmp(static_cast<Compressor*>(failed->client_data)->jump, 1);
    };
    errors.emit_message = [](j_common_ptr, int) {};
  }
  ~Compressor() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
};

// libjpeg may leave it by longjmp: no object in it has a destructor.
bool compress(Compressor& jpeg, const Image& image, int quality) {
  if (setjmp(jpeg.jump) != 0) return false;
  jpeg_create_compress(&jpeg.info);
  jpeg_mem_dest(&jpeg.info, &jpeg.bytes, &jpeg.size);
  jpeg.info.image_width = static_cast<JDIMENSION>(image.width());
  jpeg.info.image_height = static_cast<JDIMENSION>(image.height());
  jpeg.info.input_components = 3;
  jpeg.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg.info);
  jpeg_set_quality(&jpeg.info, quality, TRUE);
  jpeg_start_compress(&jpeg.info, TRUE);
  while (jpeg.info.next_scanline < jpeg.info.image_height) {
    auto* row = const_cast<JSAMPLE*>(image.row(static_cast<int>(jpeg.info.next_scanline)));
    jpeg_write_scanlines(&jpeg.info, &row, 1);
  }
  jpeg_finish_compress(&jpeg.info);
  return true;
}

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, const WriteOptions& options) {
  Compressor jpeg;
  if (!compress(jpeg, image, options.jpeg_quality)) return {};
  const auto* begin = reinterpret_cast<const std::byte*>(jpeg.bytes);
  return {begin, begin + jpeg.size};
}

}  // namespace impasto
