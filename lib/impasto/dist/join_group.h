#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "impasto/base/launch_environment.h"
#include "impasto/base/train_config.h"
#include "impasto/train/process_group.h"

namespace impasto {

/// Joins the other processes that a launcher has started, through PyTorch's c10d: waits until all
/// of `launch.size` are there. A process that is alone gets one_process(). Gradients travel by
/// `config.backend`, all else by Gloo over TCP. From then on the processes notice when one of them
/// is lost: see ProcessGroup::explain.
///
/// `device` is where gradients are. Throws ConfigError that names the variable of the environment
/// that is wrong or missing, and IoError that says who is missing: a master that does not answer, a
/// port that is taken, processes that do not come within `config.timeout` seconds, two with the
/// same rank.
std::shared_ptr<ProcessGroup> join_group(const LaunchEnvironment& launch,
                                         const DistributedConfig& config,
                                         const c10::Device& device);

}  // namespace impasto
