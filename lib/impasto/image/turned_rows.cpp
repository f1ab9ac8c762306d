#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/scratch_file.h"
#include "impasto/image/row_codecs.h"

namespace impasto {
namespace {

void mirror_row(std::uint8_t* row, int width, int pixel_bytes) {
  for (int left = 0, right = width - 1; left < right; ++left, --right) {
    std::swap_ranges(row + static_cast<std::ptrdiff_t>(left) * pixel_bytes,
                     row + static_cast<std::ptrdiff_t>(left + 1) * pixel_bytes,
                     row + static_cast<std::ptrdiff_t>(right) * pixel_bytes);
  }
}

/// Left and right exchanged: rows stay rows.
class MirroredRows final : public RowSource {
 public:
  explicit MirroredRows(std::unique_ptr<RowSource> stored) : stored_(std::move(stored)) {}

  int width() const override { return stored_->width(); }
  int height() const override { return stored_->height(); }
  int channels() const override { return stored_->channels(); }
  int sample_bytes() const override { return stored_->sample_bytes(); }
  std::size_t memory_bytes() const override { return stored_->memory_bytes(); }
  void rewind() override { stored_->rewind(); }
  void read(std::span<std::uint8_t> rows) override {
    stored_->read(rows);
    for (std::size_t at = 0; at < rows.size(); at += stride()) {
      mirror_row(rows.data() + at, width(), channels() * sample_bytes());
    }
  }

 private:
  std::unique_ptr<RowSource> stored_;
};

/// Every other turn needs the last stored rows first. The picture is copied to a scratch file, a
/// strip of stored rows at a time, each strip as the upright rows (or parts of them) that it holds:
/// so both ways go through the file in long pieces.
class TurnedRows final : public RowSource {
 public:
  TurnedRows(std::unique_ptr<RowSource> stored,
             int orientation,
             const std::filesystem::path& folder)
      : stored_(std::move(stored)),
        transposed_(orientation >= 5),
        // Which of the stored picture's axes run backwards.
        flip_x_(orientation == 3 || orientation == 7 || orientation == 8),
        flip_y_(orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7),
        width_(transposed_ ? stored_->height() : stored_->width()),
        height_(transposed_ ? stored_->width() : stored_->height()),
        channels_(stored_->channels()),
        sample_bytes_(stored_->sample_bytes()),
        file_(folder, stride() * static_cast<std::size_t>(height_)) {}

  int width() const override { return width_; }
  int height() const override { return height_; }
  int channels() const override { return channels_; }
  int sample_bytes() const override { return sample_bytes_; }
  std::size_t memory_bytes() const override {
    return stored_->memory_bytes() + 2 * kStrip * stored_->stride();
  }

  void rewind() override { next_ = 0; }

  void read(std::span<std::uint8_t> rows) override {
    const std::size_t count = rows.size() / stride();
    if (rows.size() % stride() != 0 || count > static_cast<std::size_t>(height_ - next_)) {
      throw ConfigError("picture: expected whole rows to read, found others");
    }
    if (!copied_) copy();
    copied_ = true;
    if (transposed_) {
      read_transposed(rows.data(), static_cast<int>(count));
    } else {
      file_.read(stride() * static_cast<std::size_t>(next_), std::as_writable_bytes(rows));
    }
    next_ += static_cast<int>(count);
  }

 private:
  static constexpr int kStrip = 256;  // stored rows

  std::size_t pixel() const { return static_cast<std::size_t>(channels_ * sample_bytes_); }

  int strips() const { return (stored_->height() + kStrip - 1) / kStrip; }

  /// Stored rows [first, first + rows) of a strip, counted in the order in which they are upright.
  struct Strip {
    int first;
    int rows;
  };
  Strip strip_at(int number) const {
    const int first = number * kStrip;
    return {first, std::min(kStrip, stored_->height() - first)};
  }

  void copy() {
    const std::size_t stored_row = stored_->stride();
    std::vector<std::uint8_t> in(kStrip * stored_row);
    std::vector<std::uint8_t> out(transposed_ ? in.size() : 0);
    stored_->rewind();
    for (int number = 0; number < strips(); ++number) {
      const Strip strip = strip_at(number);
      const std::span rows(in.data(), stored_row * static_cast<std::size_t>(strip.rows));
      stored_->read(rows);
      if (transposed_) {
        transpose(in.data(), strip.rows, out.data());
        file_.write(strip_offset(strip), std::as_bytes(std::span(out.data(), rows.size())));
        continue;
      }
      if (flip_x_) {
        for (int y = 0; y < strip.rows; ++y) {
          mirror_row(in.data() + y * stored_row, stored_->width(), channels_ * sample_bytes_);
        }
      }
      // Not transposed and not only mirrored: upside down.
      for (int y = 0; y < strip.rows; ++y) {
        file_.write(stored_row * static_cast<std::size_t>(height_ - 1 - strip.first - y),
                    std::as_bytes(rows.subspan(y * stored_row, stored_row)));
      }
    }
  }

  std::uint64_t strip_offset(const Strip& strip) const {
    return stored_->stride() * static_cast<std::uint64_t>(strip.first);
  }

  /// To [upright rows][strip rows]: the piece of each upright row that the strip holds.
  void transpose(const std::uint8_t* in, int rows, std::uint8_t* out) const {
    for (int upright = 0; upright < height_; ++upright) {
      const int x = flip_x_ ? stored_->width() - 1 - upright : upright;
      for (int i = 0; i < rows; ++i, out += pixel()) {
        const int y = flip_y_ ? rows - 1 - i : i;
        std::memcpy(out, in + y * stored_->stride() + x * pixel(), pixel());
      }
    }
  }

  void read_transposed(std::uint8_t* rows, int count) {
    std::vector<std::uint8_t> piece(static_cast<std::size_t>(count) * kStrip * pixel());
    for (int number = 0; number < strips(); ++number) {
      const Strip strip = strip_at(number);
      const std::size_t part = strip.rows * pixel();
      const std::span bytes(piece.data(), part * static_cast<std::size_t>(count));
      file_.read(strip_offset(strip) + part * static_cast<std::size_t>(next_),
                 std::as_writable_bytes(bytes));
      const int x = flip_y_ ? stored_->height() - strip.first - strip.rows : strip.first;
      for (int y = 0; y < count; ++y) {
        std::memcpy(rows + y * stride() + x * pixel(), piece.data() + y * part, part);
      }
    }
  }

  std::unique_ptr<RowSource> stored_;
  const bool transposed_, flip_x_, flip_y_;
  const int width_, height_, channels_, sample_bytes_;
  ScratchFile file_;
  bool copied_ = false;
  int next_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> turned_rows(StoredRows stored, const std::filesystem::path& folder) {
  if (stored.orientation == 1) return std::move(stored.rows);
  if (stored.orientation == 2) return std::make_unique<MirroredRows>(std::move(stored.rows));
  return std::make_unique<TurnedRows>(std::move(stored.rows), stored.orientation, folder);
}

}  // namespace impasto
