#include "impasto/base/launch_environment.h"

#include <charconv>
#include <cstdlib>
#include <limits>

#include "impasto/base/error.h"

namespace impasto {
namespace {

// Names of what the launchers tell in variables of their own.
struct Names {
  const char* launcher;
  const char* rank;
  const char* size;
  const char* local_rank;
  const char* local_size;
};

// Slurm's variables of a step, which srun makes: those of the job are there in a batch script too,
// which is one process whatever the job's size.
constexpr Names kLaunchers[] = {
    {.launcher = "RANK",
     .rank = "RANK",
     .size = "WORLD_SIZE",
     .local_rank = "LOCAL_RANK",
     .local_size = "LOCAL_WORLD_SIZE"},
    {.launcher = "Open MPI",
     .rank = "OMPI_COMM_WORLD_RANK",
     .size = "OMPI_COMM_WORLD_SIZE",
     .local_rank = "OMPI_COMM_WORLD_LOCAL_RANK",
     .local_size = "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {.launcher = "Slurm",
     .rank = "SLURM_PROCID",
     .size = "SLURM_STEP_NUM_TASKS",
     .local_rank = "SLURM_LOCALID",
     .local_size = nullptr},
};

class Reader {
 public:
  explicit Reader(const EnvironmentLookup& lookup) : lookup_(lookup) {}

  std::optional<std::string> text(const char* name) const {
    if (name == nullptr) return std::nullopt;
    auto value = lookup_(name);
    return value && value->empty() ? std::nullopt : value;
  }

  // Within [least, most]; `otherwise` where the variable is not set.
  int number(const char* name, int otherwise, int least, int most) const {
    const auto value = text(name);
    return value ? parse(name, *value, least, most) : otherwise;
  }

  int required(const char* name, const char* because, int least, int most) const {
    const auto value = text(name);
    if (!value) {
      throw ConfigError(std::string(name) + ": expected in the environment, where " + because +
                        " is, found none");
    }
    return parse(name, *value, least, most);
  }

 private:
  static int parse(const char* name, const std::string& value, int least, int most) {
    int number = 0;
    const char* end = value.data() + value.size();
    const auto [last, error] = std::from_chars(value.data(), end, number);
    if (error == std::errc() && last == end && number >= least && number <= most) return number;
    throw ConfigError(std::string(name) + ": expected in the environment a number from " +
                      std::to_string(least) + " to " + std::to_string(most) + ", found '" + value +
                      "'");
  }

  const EnvironmentLookup& lookup_;
};

// Of the list of tasks on each node, "4(x2),3", what the node numbered SLURM_NODEID has.
int slurm_local_size(const Reader& reader) {
  const auto list = reader.text("SLURM_STEP_TASKS_PER_NODE");
  if (!list) return 1;
  int node = reader.number("SLURM_NODEID", 0, 0, std::numeric_limits<int>::max());
  const char* at = list->data();
  const char* const end = at + list->size();
  while (at < end) {
    int tasks = 1, nodes = 1;
    at = std::from_chars(at, end, tasks).ptr;
    if (end - at > 2 && at[0] == '(' && at[1] == 'x') {
      at = std::from_chars(at + 2, end, nodes).ptr + 1;
    }
    if (node < nodes) return tasks;
    node -= nodes;
    if (at < end) ++at;  // the comma
  }
  return 1;
}

std::string default_master(const LaunchEnvironment& launch, const Reader& reader) {
  if (launch.launcher == "Slurm") {
    const auto nodes = reader.text("SLURM_STEP_NODELIST");
    return nodes ? first_host(*nodes) : "";
  }
  return launch.local_size == launch.size ? "127.0.0.1" : "";
}

}  // namespace

std::string first_host(const std::string& node_list) {
  const auto end = node_list.find_first_of(",[");
  std::string host = node_list.substr(0, end);
  if (end != std::string::npos && node_list[end] == '[') {
    const auto number_end = node_list.find_first_of(",-]", end + 1);
    host += node_list.substr(end + 1, number_end - end - 1);
    // What follows the brackets belongs to every host of them.
    const auto close = node_list.find(']', end);
    if (close != std::string::npos) {
      host += node_list.substr(close + 1, node_list.find(',', close) - close - 1);
    }
  }
  return host;
}

LaunchEnvironment read_launch_environment(const EnvironmentLookup& lookup) {
  constexpr int kMost = std::numeric_limits<int>::max();
  const Reader reader(lookup);
  LaunchEnvironment launch;
  for (const Names& names : kLaunchers) {
    if (!reader.text(names.rank)) continue;
    const bool by_itself = names.launcher == std::string("Slurm");
    // A batch script of Slurm has a rank, and no step.
    if (by_itself && !reader.text(names.size)) continue;
    launch.launcher = names.launcher;
    launch.size = reader.required(names.size, names.rank, 1, kMost);
    launch.rank = reader.number(names.rank, 0, 0, launch.size - 1);
    launch.local_rank = reader.number(names.local_rank, 0, 0, launch.size - 1);
    launch.local_size =
        by_itself ? slurm_local_size(reader) : reader.number(names.local_size, 1, 1, launch.size);
    break;
  }
  launch.master_port = reader.number("MASTER_PORT", launch.master_port, 1, 65535);
  launch.master_address = reader.text("MASTER_ADDR").value_or(default_master(launch, reader));
  launch.launcher_listens = reader.text("TORCHELASTIC_USE_AGENT_STORE") == "True";
  launch.attempt = reader.number("TORCHELASTIC_RESTART_COUNT", 0, 0, kMost);
  return launch;
}

LaunchEnvironment read_launch_environment() {
  return read_launch_environment([](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  });
}

}  // namespace impasto
