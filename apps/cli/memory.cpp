#include "cli/memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace impasto::cli {

void keep_large_allocations() {
#ifdef __GLIBC__
  // Above the largest activation of a 4096x4096 picture (64 channels of float32).
  constexpr int kThreshold = 2'000'000'000;
  mallopt(M_MMAP_THRESHOLD, kThreshold);
  mallopt(M_TRIM_THRESHOLD, kThreshold);
  // Heaps of other threads hold 64 MB at most and are given back as soon as they are empty.
  mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace impasto::cli
