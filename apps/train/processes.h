#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "impasto/base/launch_environment.h"
#include "impasto/base/train_config.h"
#include "impasto/train/process_group.h"

namespace impasto::cli {

/// With the GPU of this process's own where `device` does not name one, and where `threads` is 0
/// with its share of this host's cores: for each of several processes on a host.
RunConfig run_config_of(const RunConfig& run, const LaunchEnvironment& launch);

/// join_group; throws ConfigError where there are others and this program was built without.
std::shared_ptr<ProcessGroup> join_processes(const LaunchEnvironment& launch,
                                             const DistributedConfig& config,
                                             const c10::Device& device);

}  // namespace impasto::cli
