#include "impasto/base/row_stream.h"

#include <cstring>
#include <string>

#include "impasto/base/error.h"

namespace impasto {

namespace {

[[noreturn]] void past_the_end(const char* what, int height) {
  throw ConfigError(std::string(what) + ": expected whole rows of a picture of " +
                    std::to_string(height) + ", found more or a part of one");
}

}  // namespace

template <class Sample>
void BasicImageRows<Sample>::read(std::span<std::uint8_t> rows) {
  const auto bytes = std::as_bytes(image_.pixels());
  if (rows.size() > bytes.size() - next_ || rows.size() % stride() != 0) {
    past_the_end("rows to read", image_.height());
  }
  std::memcpy(rows.data(), bytes.data() + next_, rows.size());
  next_ += rows.size();
}

template <class Sample>
void BasicImageSink<Sample>::write(std::span<const std::uint8_t> rows) {
  const auto bytes = std::as_writable_bytes(image_.pixels());
  if (rows.size() > bytes.size() - next_ || rows.size() % stride() != 0) {
    past_the_end("rows to write", image_.height());
  }
  std::memcpy(bytes.data() + next_, rows.data(), rows.size());
  next_ += rows.size();
}

template <class Sample>
void BasicImageSink<Sample>::finish() {
  if (next_ == image_.pixels().size_bytes()) return;
  throw ConfigError("picture: expected " + std::to_string(image_.height()) + " rows, found " +
                    std::to_string(next_ / stride()));
}

template class BasicImageRows<std::uint8_t>;
template class BasicImageRows<std::uint16_t>;
template class BasicImageSink<std::uint8_t>;
template class BasicImageSink<std::uint16_t>;

}  // namespace impasto
