#pragma once

// Private: not installed.

#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <utility>

namespace impasto {

/// Work of a CUDA device that was recorded as a graph: its thousand kernels are launched as one,
/// where launching each takes longer than most of them run.
class RecordedWork {
 public:
  virtual ~RecordedWork() = default;

  /// Runs it again: on the same memory, whatever is there now.
  virtual void launch() = 0;
};

/// What libimpasto_cuda offers.
struct CudaGraphModule {
  std::unique_ptr<RecordedWork> (*record)(const c10::Device& device,
                                          const std::function<void()>& work);
};

/// Called by libimpasto_cuda when it is loaded.
void register_cuda_graphs(const CudaGraphModule& module);

/// Whether libimpasto_cuda, which is built where CUDA's headers are, can be loaded. libtorch's CUDA
/// library has to be there.
bool has_cuda_graphs();

/// Records what `work` asks of `device`, without running it. It has run before, so that libraries
/// have set themselves up; it waits for no result and copies nothing from or to the host; tensors
/// that it leaves behind keep their memory for as long as the recording lives. Throws what `work`
/// throws, and IoError without libimpasto_cuda.
std::unique_ptr<RecordedWork> record_work(const c10::Device& device,
                                          const std::function<void()>& work);

/// Work that runs over and over: as it is the first time, recorded the second time and from then on
/// launched. Everything it reads and writes lies where it was the second time.
class RepeatedWork {
 public:
  RepeatedWork(const c10::Device& device, std::function<void()> work)
      : device_(device), work_(std::move(work)) {}

  void run();

 private:
  const c10::Device device_;
  const std::function<void()> work_;
  bool has_run_ = false;
  std::unique_ptr<RecordedWork> recording_;
};

}  // namespace impasto
