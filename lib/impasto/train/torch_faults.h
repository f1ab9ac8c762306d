#pragma once

// Private: not installed.

#include <string>

namespace impasto {

/// Called in a catch block: throws the current exception on, libtorch's as an Error in words for a
/// user, with `out_of_memory` for a lack of memory.
[[noreturn]] void rethrow_for_user(const std::string& out_of_memory);

}  // namespace impasto
