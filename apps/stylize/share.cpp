#include "stylize/share.h"

#include <algorithm>
#include <cstdint>
#include <thread>

#include "cli/guard.h"
#include "impasto/base/hash.h"

namespace impasto::cli {

Jobs share_of(Jobs jobs, const LaunchEnvironment& launch) {
  std::erase_if(jobs.jobs, [&](const Job& job) {
    const auto owner =
        Hash().add(job.input.string()).value() % static_cast<std::uint64_t>(launch.size);
    return owner != static_cast<std::uint64_t>(launch.rank);
  });
  return jobs;
}

std::string share_text(const LaunchEnvironment& launch, const Jobs& share, const Jobs& all) {
  return "process " + std::to_string(launch.rank) + " of " + std::to_string(launch.size) + ": " +
         std::to_string(share.jobs.size()) + " of " + std::to_string(all.jobs.size()) +
         " pictures and films";
}

void share_machine(StylizeArguments& arguments, const LaunchEnvironment& launch) {
  if (arguments.list_on_stdin) {
    throw UsageError(
        "option '--input -': " + std::to_string(launch.size) +
        " processes (WORLD_SIZE) cannot share one standard input; name the pictures or "
        "their folder");
  }
  if (arguments.config.threads > 0 || launch.local_size == 1) return;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  arguments.config.threads = std::max(1, cores / launch.local_size);
}

}  // namespace impasto::cli
