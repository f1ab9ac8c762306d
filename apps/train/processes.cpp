#include "processes.h"

#include <ATen/Parallel.h>
#include <c10/util/Logging.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>

#include "impasto/base/error.h"
#include "impasto/nn/device.h"
#ifdef IMPASTO_HAS_DIST
#include "impasto/dist/join_group.h"
#endif

namespace impasto::cli {

RunConfig run_config_of(const RunConfig& run, const LaunchEnvironment& launch) {
  RunConfig own = run;
  if (launch.local_size == 1) return own;
  // CUDA has to be loaded before libtorch is used for anything else.
  const auto device = resolve_device(run.device);
  if (device.is_cuda() && (run.device == "auto" || run.device == "cuda")) {
    own.device = "cuda:" + std::to_string(launch.local_rank);
  }
  // A launcher that binds processes to cores has shared them out already.
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int available = at::get_num_threads();
  if (run.threads == 0 && available >= cores) {
    own.threads = std::max(1, available / launch.local_size);
  }
  return own;
}

std::shared_ptr<ProcessGroup> join_processes(const LaunchEnvironment& launch,
                                             const DistributedConfig& config,
                                             const c10::Device& device) {
#ifdef IMPASTO_HAS_DIST
  // c10d logs every broken connection with a stack trace; what a user needs to know is in the
  // error.
  if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr) FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  return join_group(launch, config, device);
#else
  if (!launch.is_shared()) return one_process();
  throw ConfigError("WORLD_SIZE: found " + std::to_string(launch.size) +
                    " processes, and this train was built for one alone (IMPASTO_DIST=OFF)");
#endif
}

}  // namespace impasto::cli
