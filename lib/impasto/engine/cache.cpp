#include "impasto/engine/cache.h"

#if defined(__linux__)
#include <unistd.h>
#endif

namespace impasto::engine {

std::size_t second_level_cache() {
#if defined(__linux__) && defined(_SC_LEVEL2_CACHE_SIZE)
  static const long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (size > 0) return static_cast<std::size_t>(size);
#endif
  return std::size_t{1} << 20;
}

}  // namespace impasto::engine
