#pragma once

// Private: not installed.

#include "impasto/engine/progress.h"
#include "impasto/engine/run_context.h"
#include "impasto/engine/thread_pool.h"

namespace impasto::engine {

/// Runs every stage of a plan, whose memory is `arena`, on the pool's threads. `progress` is called
/// on the caller's thread after each stage; false means that it stopped the run and the target is
/// not complete.
bool execute(const RunContext& context,
             const Plan& plan,
             std::byte* arena,
             ThreadPool& pool,
             const Progress& progress);

}  // namespace impasto::engine
