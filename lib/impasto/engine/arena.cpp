#include "impasto/engine/arena.h"

#include <algorithm>
#include <numeric>

#include "impasto/engine/buffer.h"

namespace impasto::engine {

int ArenaLayout::add(std::size_t bytes, int first, int last) {
  requests_.push_back({aligned(bytes), first, last});
  return static_cast<int>(requests_.size()) - 1;
}

std::vector<std::size_t> ArenaLayout::place() {
  std::vector<int> order(requests_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [this](int a, int b) {
    return requests_[a].bytes > requests_[b].bytes;
  });
  std::vector<std::size_t> offsets(requests_.size());
  std::vector<int> placed;  // by offset
  for (const int number : order) {
    const Request& request = requests_[number];
    std::size_t offset = 0;
    for (const int other : placed) {
      const Request& taken = requests_[other];
      if (taken.last < request.first || request.last < taken.first) continue;
      if (offset + request.bytes <= offsets[other]) break;
      offset = std::max(offset, offsets[other] + taken.bytes);
    }
    offsets[number] = offset;
    size_ = std::max(size_, offset + request.bytes);
    const auto position = std::find_if(
        placed.begin(), placed.end(), [&](int other) { return offsets[other] > offset; });
    placed.insert(position, number);
  }
  return offsets;
}

}  // namespace impasto::engine
