#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "impasto/base/image.h"

namespace impasto {

/// A numbered set of pictures to train on: a folder, an annotation file, or an application's own
/// store. Every member may be called from several threads at once.
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  /// How many pictures there are; does not change.
  virtual std::size_t size() const = 0;

  /// What to call picture `index` in a message, for instance its path.
  virtual std::string name(std::size_t index) const = 0;

  /// Decodes picture `index` (below `size()`). Throws Error when it cannot be read; training counts
  /// it, warns once and takes another.
  virtual Image load(std::size_t index) const = 0;

  /// A number that changes when the set does, by which a resumed run sees that it goes on with
  /// other pictures than it began with. From the names and their order, unless a source knows
  /// better.
  virtual std::uint64_t fingerprint() const;
};

}  // namespace impasto
