#include "impasto/base/row_stream.h"

#include <algorithm>
#include <string>

#include "impasto/base/error.h"

namespace impasto {

namespace {

[[noreturn]] void past_the_end(const char* what, int height) {
  throw ConfigError(std::string(what) + ": expected whole rows of a picture of " +
                    std::to_string(height) + ", found more or a part of one");
}

}  // namespace

void ImageRows::read(std::span<std::uint8_t> rows) {
  const auto pixels = image_.pixels();
  if (rows.size() > pixels.size() - next_ || rows.size() % stride() != 0) {
    past_the_end("rows to read", image_.height());
  }
  std::copy_n(pixels.data() + next_, rows.size(), rows.data());
  next_ += rows.size();
}

void ImageSink::write(std::span<const std::uint8_t> rows) {
  const auto pixels = image_.pixels();
  if (rows.size() > pixels.size() - next_ || rows.size() % stride() != 0) {
    past_the_end("rows to write", image_.height());
  }
  std::copy_n(rows.data(), rows.size(), pixels.data() + next_);
  next_ += rows.size();
}

void ImageSink::finish() {
  if (next_ == image_.pixels().size()) return;
  throw ConfigError("picture: expected " + std::to_string(image_.height()) + " rows, found " +
                    std::to_string(next_ / stride()));
}

}  // namespace impasto
