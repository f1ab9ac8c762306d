#include <utility>

#include "impasto/image/color_profile.h"
#include "impasto/image/row_codecs.h"

namespace impasto {
namespace {

class ManagedRows final : public RowSource {
 public:
  ManagedRows(std::unique_ptr<RowSource> rows, std::unique_ptr<ColorTransform> transform)
      : rows_(std::move(rows)), transform_(std::move(transform)) {}

  int width() const override { return rows_->width(); }
  int height() const override { return rows_->height(); }
  int channels() const override { return rows_->channels(); }
  int sample_bytes() const override { return rows_->sample_bytes(); }
  std::size_t memory_bytes() const override { return rows_->memory_bytes(); }
  void rewind() override { rows_->rewind(); }

  void read(std::span<std::uint8_t> rows) override {
    rows_->read(rows);
    if (sample_bytes() == 1) {
      transform_->apply(rows, channels());
    } else {
      transform_->apply({reinterpret_cast<std::uint16_t*>(rows.data()), rows.size() / 2},
                        channels());
    }
  }

 private:
  std::unique_ptr<RowSource> rows_;
  std::unique_ptr<ColorTransform> transform_;
};

}  // namespace

std::unique_ptr<RowSource> colour_managed(std::unique_ptr<RowSource> rows,
                                          std::span<const std::byte> profile,
                                          const std::string& name) {
  auto transform = ColorTransform::from_profile(profile, name);
  if (transform == nullptr) return rows;
  return std::make_unique<ManagedRows>(std::move(rows), std::move(transform));
}

}  // namespace impasto
