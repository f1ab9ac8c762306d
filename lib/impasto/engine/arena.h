#pragma once

// Private: not installed.

#include <cstddef>
#include <vector>

namespace impasto::engine {

/// Gives buffers with known lives places in one block of memory: largest first, each at the lowest
/// offset where it meets no buffer that lives at the same time.
class ArenaLayout {
 public:
  /// A stretch of a buffer, in use from step `first` to step `last`, both included.
  struct Part {
    std::size_t offset;
    std::size_t bytes;
    int first;
    int last;
  };

  /// Returns the buffer's number.
  int add(std::size_t bytes, int first, int last);

  /// A buffer of several parts, which may overlap each other. Offsets count from its start.
  int add(std::vector<Part> parts);

  /// Where the buffers start, by number.
  std::vector<std::size_t> place();

  /// Bytes from the first to the last that `place` has used.
  std::size_t size() const { return size_; }

 private:
  std::vector<std::vector<Part>> buffers_;
  std::size_t size_ = 0;
};

}  // namespace impasto::engine
