#pragma once

// Private: not installed.

#include <cstddef>
#include <vector>

namespace impasto::engine {

/// Gives buffers with known lives places in one block of memory: largest first, each at the lowest offset where it meets
/// no buffer that lives at the same time.
class ArenaLayout {
 public:
  /// A buffer in use from step `first` to step `last`, both included. Returns its number.
  int add(std::size_t bytes, int first, int last);

  /// Offsets by number.
  std::vector<std::size_t> place();

  /// Bytes from the first to the last that `place` has used.
  std::size_t size() const { return size_; }

 private:
  struct Request {
    std::size_t bytes;
    int first;
    int last;
  };
  std::vector<Request> requests_;
  std::size_t size_ = 0;
};

}  // namespace impasto::engine
