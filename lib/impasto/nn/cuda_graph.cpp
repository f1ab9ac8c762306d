#include "impasto/nn/cuda_graph.h"

#include <string>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/base/plugin.h"

namespace impasto {
namespace {

constexpr const char* kUse = "a recorded step";

PluginModule<CudaGraphModule> plugin(IMPASTO_CUDA_LIBRARY, "CUDA graphs");

}  // namespace

void register_cuda_graphs(const CudaGraphModule& module) { plugin.set(module); }

bool has_cuda_graphs() {
  try {
    plugin.get(kUse);
    return true;
  } catch (const IoError& error) {
    log_info(std::string("steps are launched kernel by kernel: ") + error.what());
    return false;
  }
}

std::unique_ptr<RecordedWork> record_work(const c10::Device& device,
                                          const std::function<void()>& work) {
  return plugin.get(kUse).record(device, work);
}

void RepeatedWork::run() {
  if (!std::exchange(has_run_, true)) {
    work_();
    return;
  }
  if (!recording_) recording_ = record_work(device_, work_);
  recording_->launch();
}

}  // namespace impasto
