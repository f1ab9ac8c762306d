#pragma once

// Private: not installed.

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace impasto {

/// Gloo over TCP, from the interface that has `address`, or the one that GLOO_SOCKET_IFNAME names.
/// Throws IoError where there is none.
c10::intrusive_ptr<c10d::Backend> make_gloo_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank,
                                                    int size,
                                                    const std::string& address,
                                                    std::chrono::milliseconds timeout);

}  // namespace impasto
