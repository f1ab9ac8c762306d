#pragma once

// Private: not installed.

#include "impasto/engine/run_context.h"

namespace impasto::engine {

/// Computes one tile of a stage with the worker's own `scratch`. Writes only its part of the
/// stage's output, of what the stage keeps, and its own moments, so tiles of one stage may run at
/// the same time.
void run_tile(const RunContext& context, int stage, const Tile& tile, std::byte* scratch);

}  // namespace impasto::engine
