#pragma once

// Private: not installed.

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "impasto/base/image_source.h"

namespace impasto {

/// Pictures of a source, which outlives it: the first ones decoded are kept in memory until they
/// fill it. None is dropped for another: each comes once an epoch, so that all are as likely to be
/// asked for.
class PictureCache : public ImageSource {
 public:
  PictureCache(const ImageSource& source, std::size_t bytes) : source_(source), free_(bytes) {}

  std::size_t size() const override { return source_.size(); }
  std::string name(std::size_t index) const override { return source_.name(index); }
  Image load(std::size_t index) const override;
  std::uint64_t fingerprint() const override { return source_.fingerprint(); }

 private:
  const ImageSource& source_;
  mutable std::mutex mutex_;  // guards the next two
  mutable std::map<std::size_t, Image> kept_;
  mutable std::size_t free_;
};

}  // namespace impasto
