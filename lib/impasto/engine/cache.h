#pragma once

// Private: not installed.

#include <cstddef>

namespace impasto::engine {

/// Bytes of the second-level cache that one core has; 1 MiB where the system does not tell.
std::size_t second_level_cache();

}  // namespace impasto::engine
