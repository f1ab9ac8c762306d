#include "impasto/base/launch_environment.h"

#include <map>
#include <string>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/message_of.h"

using impasto::ConfigError;
using impasto::first_host;
using impasto::LaunchEnvironment;

namespace {

LaunchEnvironment read(const std::map<std::string, std::string>& variables) {
  return impasto::read_launch_environment(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
}

}  // namespace

TEST_CASE("A process that no launcher started is alone") {
  const auto launch = read({{"HOME", "/root"}});
  CHECK_FALSE(launch.is_shared());
  CHECK(launch.rank == 0);
  CHECK(launch.launcher.empty());
}

TEST_CASE("torchrun's variables are read") {
  const auto launch = read({{"RANK", "5"},
                            {"WORLD_SIZE", "8"},
                            {"LOCAL_RANK", "1"},
                            {"LOCAL_WORLD_SIZE", "4"},
                            {"MASTER_ADDR", "node1"},
                            {"MASTER_PORT", "1234"},
                            {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                            {"TORCHELASTIC_RESTART_COUNT", "2"}});
  CHECK(launch.rank == 5);
  CHECK(launch.size == 8);
  CHECK(launch.local_rank == 1);
  CHECK(launch.local_size == 4);
  CHECK(launch.master_address == "node1");
  CHECK(launch.master_port == 1234);
  CHECK(launch.launcher_listens);
  CHECK(launch.attempt == 2);
}

TEST_CASE("mpirun on one host needs no master named") {
  const auto launch = read({{"OMPI_COMM_WORLD_RANK", "1"},
                            {"OMPI_COMM_WORLD_SIZE", "2"},
                            {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                            {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  CHECK(launch.rank == 1);
  CHECK(launch.size == 2);
  CHECK(launch.master_address == "127.0.0.1");
  CHECK(launch.master_port == 29500);

  const auto two_hosts = read({{"OMPI_COMM_WORLD_RANK", "1"},
                               {"OMPI_COMM_WORLD_SIZE", "2"},
                               {"OMPI_COMM_WORLD_LOCAL_SIZE", "1"}});
  CHECK(two_hosts.master_address.empty());
}

TEST_CASE("A task of srun finds its master on the first node of the step") {
  const auto launch = read({{"SLURM_PROCID", "6"},
                            {"SLURM_STEP_NUM_TASKS", "11"},
                            {"SLURM_LOCALID", "2"},
                            {"SLURM_NODEID", "2"},
                            {"SLURM_STEP_TASKS_PER_NODE", "4(x2),3"},
                            {"SLURM_STEP_NODELIST", "gpu[07-09]"}});
  CHECK(launch.rank == 6);
  CHECK(launch.size == 11);
  CHECK(launch.local_size == 3);
  CHECK(launch.master_address == "gpu07");
}

TEST_CASE("A batch script of Slurm is one process, whatever the size of its job") {
  CHECK_FALSE(read({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).is_shared());
}

TEST_CASE("torchrun inside a step of Slurm counts, and not the step") {
  const auto launch = read({{"RANK", "1"},
                            {"WORLD_SIZE", "2"},
                            {"MASTER_ADDR", "a"},
                            {"SLURM_PROCID", "0"},
                            {"SLURM_STEP_NUM_TASKS", "1"}});
  CHECK(launch.size == 2);
}

TEST_CASE("The first host of Slurm's node lists") {
  CHECK(first_host("alpha") == "alpha");
  CHECK(first_host("alpha,beta") == "alpha");
  CHECK(first_host("gpu[007-009,12],cpu1") == "gpu007");
  CHECK(first_host("n[3,5]-ib,x") == "n3-ib");
}

TEST_CASE("A wrong launch environment names the variable") {
  const auto message = [](const std::map<std::string, std::string>& variables) {
    return message_of<ConfigError>([&] { read(variables); });
  };
  CHECK_THAT(message({{"RANK", "0"}}), ContainsSubstring("WORLD_SIZE: expected"));
  CHECK_THAT(
      message({{"RANK", "2"}, {"WORLD_SIZE", "2"}}),
      ContainsSubstring("RANK: expected in the environment a number from 0 to 1, found '2'"));
  CHECK_THAT(message({{"RANK", "0"}, {"WORLD_SIZE", "two"}}), ContainsSubstring("found 'two'"));
  CHECK_THAT(message({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_PORT", "99999"}}),
             ContainsSubstring("MASTER_PORT"));
}
