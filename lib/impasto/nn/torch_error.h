#pragma once

#include <exception>

namespace impasto {

/// Whether `error` says that a device, the CPU included, ran out of memory: libtorch's allocators
/// for CUDA and for the CPU, oneDNN's and the standard library's each say it in their own way.
bool is_out_of_memory(const std::exception& error);

}  // namespace impasto
