#pragma once

// Private: not installed.

#include <cstddef>
#include <memory>

namespace impasto::engine {

/// Cache line, and the width of the widest vector.
constexpr std::size_t kAlignment = 64;

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Aligned bytes, not initialised. Large ones are asked for in huge pages where the system has
/// them: a run touches every page, and each small one would cost a fault.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes);

  std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    std::size_t alignment;
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace impasto::engine
