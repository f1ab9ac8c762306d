#pragma once

// Private: not installed.

#include <chrono>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "impasto/base/launch_environment.h"

namespace impasto {

/// The key-value store that all processes of a run reach, with a name space of its own for each
/// attempt of the launcher. Waits for the master. Throws ConfigError or IoError.
c10::intrusive_ptr<c10d::Store> open_store(const LaunchEnvironment& launch,
                                           std::chrono::milliseconds timeout);

/// Waits until every process of the run has come. Throws ConfigError for two with the same rank or
/// of different sizes, and where some do not come, which it names.
void meet(c10d::Store& store, const LaunchEnvironment& launch, std::chrono::milliseconds timeout);

}  // namespace impasto
