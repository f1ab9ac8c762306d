// libimpasto_cuda: CUDA graphs, which are in libtorch_cuda. Loaded after that, when a run on a GPU
// records its step.

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

#include "impasto/nn/cuda_graph.h"

namespace impasto {
namespace {

class Recording final : public RecordedWork {
 public:
  Recording(const c10::Device& device, const std::function<void()>& work) : device_(device) {
    // Of a stream of its own, as CUDA records none of what others do meanwhile.
    const auto stream = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index());
    c10::cuda::device_synchronize();
    // What the work had without a recording is free now: the recording takes as much again.
    c10::cuda::CUDACachingAllocator::emptyCache();
    const c10::cuda::CUDAStreamGuard guard(stream);
    graph_.capture_begin();
    try {
      work();
    } catch (...) {
      abandon();
      throw;
    }
    graph_.capture_end();
  }

  void launch() override {
    const c10::cuda::CUDAGuard guard(device_);
    graph_.replay();
  }

 private:
  // A failure is what the work threw, not what ending half a recording throws.
  void abandon() {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
    }
  }

  const c10::Device device_;
  at::cuda::CUDAGraph graph_;
};

std::unique_ptr<RecordedWork> record(const c10::Device& device, const std::function<void()>& work) {
  return std::make_unique<Recording>(device, work);
}

[[maybe_unused]] const bool registered = (register_cuda_graphs({.record = record}), true);

}  // namespace
}  // namespace impasto
