#pragma once

namespace impasto::cli {

/// Lets glibc's malloc keep large blocks instead of returning them to the system after each layer
/// of a network, which would map and clear the same memory again on every call. Called first in
/// main; does nothing with another C library. A program may do this to itself, a library may not do
/// it to its host.
void keep_large_allocations();

}  // namespace impasto::cli
