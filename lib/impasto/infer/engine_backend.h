#pragma once

// Private: not installed.

#include <memory>

#include "impasto/infer/backend.h"

namespace impasto {

/// The backend "engine". Throws ConfigError for a device that is not the CPU and for float16.
std::unique_ptr<Backend> make_engine_backend(const StyleModel& model,
                                             const BackendOptions& options);

}  // namespace impasto
