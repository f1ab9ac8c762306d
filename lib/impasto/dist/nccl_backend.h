#pragma once

// Private: not installed.

#include <c10/core/Device.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace impasto {

/// What libimpasto_nccl offers.
struct NcclModule {
  /// Makes c10d's NCCL backend.
  c10::intrusive_ptr<c10d::Backend> (*make)(const c10::intrusive_ptr<c10d::Store>& store,
                                            int rank,
                                            int size,
                                            const c10::Device& device,
                                            std::chrono::milliseconds timeout);
};

/// Called by libimpasto_nccl when it is loaded.
void register_nccl(const NcclModule& module);

/// Whether libimpasto_nccl, and NCCL with it, can be loaded. libtorch's CUDA library has to be
/// there.
bool has_nccl();

/// Throws IoError that says why when it cannot.
c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    int rank,
                                                    int size,
                                                    const c10::Device& device,
                                                    std::chrono::milliseconds timeout);

}  // namespace impasto
