#pragma once

#include <functional>
#include <optional>
#include <string>

namespace impasto {

/// How a launcher started this process: as one of several that share a piece of work.
struct LaunchEnvironment {
  int rank = 0;                ///< Of this process, below `size`.
  int size = 1;                ///< Processes in all.
  int local_rank = 0;          ///< Of this process among those on the same host.
  int local_size = 1;          ///< Processes on this host; 1 where the launcher does not say.
  std::string master_address;  ///< Host of rank 0. Empty where the launcher does not say.
  int master_port = 29500;     ///< Where rank 0 listens for the others.
  /// The launcher itself listens there (torchrun), instead of rank 0.
  bool launcher_listens = false;
  int attempt = 0;       ///< How often the launcher has started the processes anew.
  std::string launcher;  ///< Which variables were read: "RANK", "Open MPI", "Slurm".

  /// Whether there are other processes.
  bool is_shared() const { return size > 1; }
};

/// Reads one environment variable; nothing where it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads what torchrun and other launchers of PyTorch set (RANK, WORLD_SIZE, LOCAL_RANK,
/// LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT), else what Open MPI's mpirun sets
/// (OMPI_COMM_WORLD_RANK and so on), else what Slurm's srun sets for a task (SLURM_PROCID,
/// SLURM_STEP_NUM_TASKS and so on). MASTER_ADDR and MASTER_PORT count with every launcher; without
/// them the master is the first node of a Slurm step, or this host where mpirun started all
/// processes on it. A process that no launcher started is alone. Throws ConfigError that names the
/// variable: for one that is no number or out of range, and for RANK without WORLD_SIZE.
LaunchEnvironment read_launch_environment(const EnvironmentLookup& lookup);

/// The same from the environment of this process.
LaunchEnvironment read_launch_environment();

/// The first host of a Slurm node list: "gpu07" of "gpu[07-09,12],cpu1".
std::string first_host(const std::string& node_list);

}  // namespace impasto
