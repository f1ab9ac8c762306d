#include "impasto/engine/feature_store.h"

#include <cstring>
#include <utility>

namespace impasto::engine {

FeatureStore::FeatureStore(std::size_t row_bytes, int rows)
    : row_bytes_(row_bytes), memory_(row_bytes * rows) {}

FeatureStore::FeatureStore(std::size_t row_bytes,
                           std::shared_ptr<ScratchFile> file,
                           std::size_t offset)
    : row_bytes_(row_bytes), file_(std::move(file)), offset_(offset) {}

void FeatureStore::read(int first, int count, std::byte* rows) const {
  const std::size_t start = row_bytes_ * first;
  const std::size_t size = row_bytes_ * count;
  if (file_ != nullptr) {
    file_->read(offset_ + start, {rows, size});
  } else {
    std::memcpy(rows, memory_.data() + start, size);
  }
}

void FeatureStore::write(int first, int count, const std::byte* rows) {
  const std::size_t start = row_bytes_ * first;
  const std::size_t size = row_bytes_ * count;
  if (file_ != nullptr) {
    file_->write(offset_ + start, {rows, size});
  } else {
    std::memcpy(memory_.data() + start, rows, size);
  }
}

void FeatureStore::prefetch(int first, int count) const {
  if (file_ != nullptr && count > 0) {
    file_->prefetch(offset_ + row_bytes_ * first, row_bytes_ * count);
  }
}

}  // namespace impasto::engine
