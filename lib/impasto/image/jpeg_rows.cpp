#include <algorithm>
#include <csetjmp>
#include <optional>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/image/decoders.h"
#include "impasto/image/file_parts.h"
#include "impasto/image/ink_transform.h"
#include "impasto/image/jpeg_common.h"
#include "impasto/image/row_codecs.h"

namespace impasto {
namespace {

// The functions that libjpeg may leave by longjmp: no object in them has a destructor.

bool read_header(JpegDecoder& jpeg, std::FILE* file) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  if (jpeg.info.mem == nullptr) jpeg_create_decompress(&jpeg.info);
  jpeg_stdio_src(&jpeg.info, file);
  constexpr unsigned kLongestMarker = 0xFFFF;
  jpeg_save_markers(&jpeg.info, JPEG_APP0 + 1, kLongestMarker);
  jpeg_read_header(&jpeg.info, TRUE);
  return true;
}

bool start(JpegDecoder& jpeg) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  jpeg.info.out_color_space = jpeg.info.num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&jpeg.info);
  return true;
}

bool read_row(JpegDecoder& jpeg, JSAMPLE* row) {
  if (setjmp(jpeg.handler.jump) != 0) return false;
  jpeg_read_scanlines(&jpeg.info, &row, 1);
  return true;
}

class JpegRows final : public RowSource {
 public:
  explicit JpegRows(const std::filesystem::path& path)
      : file_(open_to_read(path)), name_(path.string()) {
    begin();
    require_sane_size(jpeg_.info.image_width, jpeg_.info.image_height, name_);
    width_ = static_cast<int>(jpeg_.info.image_width);
    height_ = static_cast<int>(jpeg_.info.image_height);
    orientation_ = jpeg_orientation(jpeg_.info);
    if (jpeg_.info.num_components == 4) {
      inks_.resize(std::size_t{4} * jpeg_.info.image_width);
      const OpenFile again = open_to_read(path);  // libjpeg reads from a place in the other.
      transform_.emplace(read_parts(ByteReader(again.get())).profile, name_);
    }
    if (jpeg_has_multiple_scans(&jpeg_.info)) {
      for (int c = 0; c < jpeg_.info.num_components; ++c) {
        const jpeg_component_info& component = jpeg_.info.comp_info[c];
        coefficients_ += sizeof(JBLOCK) * component.width_in_blocks * component.height_in_blocks;
      }
    }
  }

  int width() const override { return width_; }
  int height() const override { return height_; }
  int channels() const override { return 3; }
  std::size_t memory_bytes() const override { return coefficients_; }
  int orientation() const { return orientation_; }

  void rewind() override {
    if (!started_) return;
    jpeg_abort_decompress(&jpeg_.info);
    std::rewind(file_.get());
    started_ = false;
    begin();
  }

  void read(std::span<std::uint8_t> rows) override {
    if (!started_ && !start(jpeg_)) jpeg_.fail(name_);
    started_ = true;
    if (rows.size() % stride() != 0 ||
        rows.size() / stride() > jpeg_.info.output_height - jpeg_.info.output_scanline) {
      throw ConfigError(name_ + ": expected whole rows of the picture to read, found others");
    }
    for (std::size_t at = 0; at < rows.size(); at += stride()) {
      std::uint8_t* const row = rows.data() + at;
      if (!read_row(jpeg_, inks_.empty() ? row : inks_.data())) jpeg_.fail(name_);
      if (transform_) {
        set_no_ink_to_0(jpeg_.info, inks_);
        transform_->apply(inks_, row);
      }
    }
    // A file that ends early between two scans has all its pixels, but coarse ones. With a single
    // scan nothing but the end marker is missing, as some cameras leave it.
    const JpegErrors& met = jpeg_.handler;
    if (met.data_damaged || (met.file_ended && jpeg_has_multiple_scans(&jpeg_.info))) {
      jpeg_.fail(name_);
    }
  }

 private:
  void begin() {
    jpeg_.handler.file_ended = jpeg_.handler.data_damaged = false;
    if (!read_header(jpeg_, file_.get())) jpeg_.fail(name_);
  }

  OpenFile file_;
  const std::string name_;
  JpegDecoder jpeg_;
  int width_ = 0, height_ = 0;
  int orientation_ = 1;
  std::size_t coefficients_ = 0;                         // bytes
  std::vector<std::uint8_t> inks_;                       // Of a row of CMYK.
  std::optional<InkTransform<std::uint8_t>> transform_;  // Of such pictures.
  bool started_ = false;
};

}  // namespace

StoredRows open_jpeg_rows(const std::filesystem::path& path) {
  auto rows = std::make_unique<JpegRows>(path);
  const int orientation = rows->orientation();
  return {std::move(rows), orientation};
}

// --- writing ----------------------------------------------------------------------------------

namespace {

struct JpegEncoder {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump;

  JpegEncoder() {
    info.err = jpeg_std_error(&errors);
    info.client_data = this;
    errors.error_exit = [](j_common_ptr failed) {
      std::longjmp(static_cast<JpegEncoder*>(failed->client_data)->jump, 1);
    };
    errors.emit_message = [](j_common_ptr, int) {};
  }
  ~JpegEncoder() { jpeg_destroy_compress(&info); }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
};

bool start(JpegEncoder& jpeg, jpeg_destination_mgr* target, int width, int height, int quality) {
  if (setjmp(jpeg.jump) != 0) return false;
  jpeg_create_compress(&jpeg.info);
  jpeg.info.dest = target;
  jpeg.info.image_width = static_cast<JDIMENSION>(width);
  jpeg.info.image_height = static_cast<JDIMENSION>(height);
  jpeg.info.input_components = 3;
  jpeg.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg.info);
  jpeg_set_quality(&jpeg.info, quality, TRUE);
  jpeg_start_compress(&jpeg.info, TRUE);
  return true;
}

bool write_row(JpegEncoder& jpeg, const std::uint8_t* pixels) {
  if (setjmp(jpeg.jump) != 0) return false;
  auto* row = const_cast<JSAMPLE*>(pixels);
  jpeg_write_scanlines(&jpeg.info, &row, 1);
  return true;
}

bool end(JpegEncoder& jpeg) {
  if (setjmp(jpeg.jump) != 0) return false;
  jpeg_finish_compress(&jpeg.info);
  return true;
}

class JpegSink final : public FileSink {
 public:
  JpegSink(const std::filesystem::path& path, int width, int height, int channels, int quality)
      : FileSink(path, width, height, channels), opaque_(std::size_t{3} * width) {
    target_.owner = this;
    target_.base.init_destination = [](j_compress_ptr info) { of(info)->refill(); };
    target_.base.empty_output_buffer = [](j_compress_ptr info) -> boolean {
      of(info)->send(sizeof of(info)->target_.buffer);
      of(info)->refill();
      return TRUE;
    };
    target_.base.term_destination = [](j_compress_ptr info) {
      of(info)->send(sizeof of(info)->target_.buffer - of(info)->target_.base.free_in_buffer);
    };
    if (!impasto::start(jpeg_, &target_.base, width, height, quality)) rethrow();
  }

 private:
  struct Target {
    jpeg_destination_mgr base{};  // First: libjpeg hands out a pointer to it.
    JpegSink* owner = nullptr;
    std::uint8_t buffer[1 << 16];
  };

  static JpegSink* of(j_compress_ptr info) { return reinterpret_cast<Target*>(info->dest)->owner; }

  void refill() {
    target_.base.next_output_byte = target_.buffer;
    target_.base.free_in_buffer = sizeof target_.buffer;
  }

  void send(std::size_t size) {
    if (!put(target_.buffer, size)) std::longjmp(jpeg_.jump, 1);
  }

  void write_rows(const std::uint8_t* rows, int count) override {
    for (int y = 0; y < count; ++y, rows += stride()) {
      const std::uint8_t* row = rows;
      if (channels() == 4) {
        lay_row_on_white(rows, width(), opaque_.data());
        row = opaque_.data();
      }
      if (!write_row(jpeg_, row)) rethrow();
    }
  }

  void end() override {
    if (!impasto::end(jpeg_)) rethrow();
  }

  std::vector<std::uint8_t> opaque_;
  JpegEncoder jpeg_;
  Target target_;
};

}  // namespace

std::unique_ptr<RowSink> create_jpeg_rows(const std::filesystem::path& path,
                                          int width,
                                          int height,
                                          int channels,
                                          int /*sample_bytes*/,
                                          const WriteOptions& options) {
  return std::make_unique<JpegSink>(path, width, height, channels, options.jpeg_quality);
}

}  // namespace impasto
