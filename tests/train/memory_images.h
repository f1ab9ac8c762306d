#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/image.h"
#include "impasto/base/image_source.h"
#include "impasto/base/random.h"

/// A picture of seeded noise over a slow gradient.
inline impasto::Image noise_image(int width, int height, std::uint64_t seed, int channels = 3) {
  impasto::Image image(width, height, channels);
  impasto::CounterRandom random(seed, 0);
  const auto base = random.below(128);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * channels; ++x) {
      const auto slope = static_cast<std::uint64_t>(64 * y / height);
      image.row(y)[x] = static_cast<std::uint8_t>(base + slope + random.below(64));
    }
  }
  return image;
}

/// Pictures in memory, some of which cannot be read.
class MemoryImages : public impasto::ImageSource {
 public:
  explicit MemoryImages(std::vector<impasto::Image> images, std::set<std::size_t> unreadable = {})
      : images_(std::move(images)), unreadable_(std::move(unreadable)) {}

  std::size_t size() const override { return images_.size(); }
  std::string name(std::size_t index) const override { return "memory/" + std::to_string(index); }
  impasto::Image load(std::size_t index) const override {
    ++loads;
    if (unreadable_.contains(index)) throw impasto::FormatError(name(index) + ": not a picture");
    return images_.at(index);
  }

  mutable std::atomic<int> loads = 0;

 private:
  std::vector<impasto::Image> images_;
  std::set<std::size_t> unreadable_;
};

inline std::vector<impasto::Image> noise_images(int count, int width, int height) {
  std::vector<impasto::Image> images;
  for (int i = 0; i < count; ++i) {
    images.push_back(noise_image(width, height, static_cast<std::uint64_t>(i)));
  }
  return images;
}
