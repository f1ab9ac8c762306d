#include "impasto/engine/buffer.h"

#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace impasto::engine {

namespace {
constexpr std::size_t kHugePage = std::size_t{1} << 21;
}

Buffer::Buffer(std::size_t bytes) : size_(bytes) {
  const std::size_t alignment = bytes >= 2 * kHugePage ? kHugePage : kAlignment;
  void* memory = ::operator new(bytes, std::align_val_t(alignment));
  data_ = {static_cast<std::byte*>(memory), Free{alignment}};
#if defined(__linux__)
  if (alignment == kHugePage) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
}

void Buffer::Free::operator()(std::byte* data) const {
  ::operator delete(data, std::align_val_t(alignment));
}

}  // namespace impasto::engine
