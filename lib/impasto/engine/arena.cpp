#include "impasto/engine/arena.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "impasto/engine/buffer.h"

namespace impasto::engine {

namespace {

using Part = ArenaLayout::Part;

std::size_t end_of(const std::vector<Part>& parts) {
  std::size_t end = 0;
  for (const Part& part : parts) end = std::max(end, part.offset + part.bytes);
  return end;
}

/// The lowest start at which no part lies in one of `taken` that lives at the same time.
std::size_t lowest_fit(const std::vector<Part>& parts, const std::vector<Part>& taken) {
  std::size_t start = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (const Part& part : parts) {
      for (const Part& other : taken) {
        if (other.last < part.first || part.last < other.first) continue;
        const std::size_t begin = start + part.offset;
        if (begin + part.bytes <= other.offset || other.offset + other.bytes <= begin) continue;
        start = aligned(other.offset + other.bytes - part.offset);
        moved = true;
      }
    }
  }
  return start;
}

}  // namespace

int ArenaLayout::add(std::size_t bytes, int first, int last) {
  return add({{0, bytes, first, last}});
}

int ArenaLayout::add(std::vector<Part> parts) {
  buffers_.push_back(std::move(parts));
  return static_cast<int>(buffers_.size()) - 1;
}

std::vector<std::size_t> ArenaLayout::place() {
  std::vector<int> order(buffers_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [this](int a, int b) {
    return end_of(buffers_[a]) > end_of(buffers_[b]);
  });
  std::vector<std::size_t> starts(buffers_.size());
  std::vector<Part> taken;
  for (const int number : order) {
    const std::size_t start = lowest_fit(buffers_[number], taken);
    starts[number] = start;
    for (Part part : buffers_[number]) {
      part.offset += start;
      taken.push_back(part);
    }
    size_ = std::max(size_, start + end_of(buffers_[number]));
  }
  return starts;
}

}  // namespace impasto::engine
