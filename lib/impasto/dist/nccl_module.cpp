// libimpasto_nccl: c10d's NCCL backend, which is in libtorch_cuda. Loaded after that, when training
// on several GPUs asks for it.

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "impasto/dist/nccl_backend.h"

namespace impasto {
namespace {

c10::intrusive_ptr<c10d::Backend> make_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                               int rank,
                                               int size,
                                               const c10::Device& device,
                                               std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  auto backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
  backend->setBoundDeviceId(device);
  return backend;
}

const bool registered = (register_nccl({.make = make_backend}), true);

}  // namespace
}  // namespace impasto
