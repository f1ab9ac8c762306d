#include "impasto/image/row_codecs.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "impasto/base/error.h"

namespace impasto {

OpenFile open_to_read(const std::filesystem::path& path) {
  OpenFile file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    throw IoError(path.string() + ": cannot read: " + std::generic_category().message(errno));
  }
  return file;
}

void FileSink::write(std::span<const std::uint8_t> rows) {
  const std::size_t count = rows.size() / stride();
  if (rows.size() % stride() != 0 || count > static_cast<std::size_t>(height_ - next_)) {
    throw ConfigError(name_ + ": expected whole rows of a picture of " + std::to_string(height_) +
                      ", found more or a part of one");
  }
  write_rows(rows.data(), static_cast<int>(count));
  next_ += static_cast<int>(count);
}

void FileSink::finish() {
  if (next_ != height_) {
    throw ConfigError(name_ + ": expected " + std::to_string(height_) + " rows, found " +
                      std::to_string(next_));
  }
  end();
  file_.finish();
}

bool FileSink::put(const void* bytes, std::size_t size) noexcept {
  try {
    file_.write({static_cast<const std::byte*>(bytes), size});
    return true;
  } catch (...) {
    failure_ = std::current_exception();
    return false;
  }
}

void FileSink::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
  throw IoError(name_ + ": the encoder failed on a picture of " + std::to_string(width_) + "x" +
                std::to_string(height_));
}

namespace {

class RoundedSink final : public RowSink {
 public:
  explicit RoundedSink(std::unique_ptr<RowSink> sink) : sink_(std::move(sink)) {}

  int width() const override { return sink_->width(); }
  int height() const override { return sink_->height(); }
  int channels() const override { return sink_->channels(); }
  int sample_bytes() const override { return 2; }
  std::size_t memory_bytes() const override { return sink_->memory_bytes(); }
  void finish() override { sink_->finish(); }

  void write(std::span<const std::uint8_t> rows) override {
    rounded_.resize(rows.size() / 2);
    for (std::size_t i = 0; i < rounded_.size(); ++i) {
      std::uint16_t sample;
      std::memcpy(&sample, rows.data() + 2 * i, sizeof sample);
      rounded_[i] = static_cast<std::uint8_t>((sample + 128) / 257);
    }
    sink_->write(rounded_);
  }

 private:
  const std::unique_ptr<RowSink> sink_;
  std::vector<std::uint8_t> rounded_;
};

}  // namespace

std::unique_ptr<RowSink> rounded_to_8_bits(std::unique_ptr<RowSink> sink) {
  return std::make_unique<RoundedSink>(std::move(sink));
}

void lay_row_on_white(const std::uint8_t* rgba, int pixels, std::uint8_t* rgb) {
  for (int i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
    const int alpha = rgba[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
}

}  // namespace impasto
