#include "impasto/train/picture_cache.h"

namespace impasto {

Image PictureCache::load(std::size_t index) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(index); found != kept_.end()) return found->second;
  }
  Image picture = source_.load(index);
  const std::lock_guard lock(mutex_);
  if (picture.pixels().size() <= free_ && kept_.emplace(index, picture).second) {
    free_ -= picture.pixels().size();
  }
  return picture;
}

}  // namespace impasto
