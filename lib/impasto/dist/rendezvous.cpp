#include "impasto/dist/rendezvous.h"

#include <exception>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/text.h"

namespace impasto {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPoll(100);

std::string seconds_text(milliseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

[[noreturn]] void fail_to_listen(const LaunchEnvironment& launch, const std::string& why) {
  const std::string port = std::to_string(launch.master_port);
  if (why.find("EADDRINUSE") != std::string::npos) {
    throw IoError("MASTER_PORT: " + port +
                  ": taken by another program on this host, perhaps an earlier run that has not "
                  "ended: set another port for all processes");
  }
  throw IoError("MASTER_PORT: " + port + ": process 0 cannot listen there: " + why);
}

[[noreturn]] void fail_to_reach(const LaunchEnvironment& launch, milliseconds timeout) {
  throw IoError("MASTER_ADDR: " + launch.master_address + ", port " +
                std::to_string(launch.master_port) + ": no answer to process " +
                std::to_string(launch.rank) + " within " + seconds_text(timeout) +
                " (distributed.timeout): is process 0 running there, and does the network between "
                "the hosts let it through?");
}

std::string key_of(int rank) { return "size/" + std::to_string(rank); }

// What is wrong with those that have come so far, and whether somebody has not.
struct Muster {
  std::vector<std::string> missing;
  std::string complaint;  // empty: nothing
};

Muster muster(c10d::Store& store, int size) {
  Muster found;
  for (int rank = 0; rank < size; ++rank) {
    const std::string number = std::to_string(rank);
    if (!store.check({key_of(rank)})) {
      found.missing.push_back(number);
      continue;
    }
    const std::string other = store.get_to_str(key_of(rank));
    if (other == std::to_string(size)) continue;
    found.complaint = "WORLD_SIZE: expected the same in all processes, found " +
                      std::to_string(size) + " in process 0 and " + other + " in process " + number;
  }
  return found;
}

// "" once all have come, else why they cannot go on.
std::string wait_for_all(c10d::Store& store, int size, milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  while (true) {
    const Muster found = muster(store, size);
    if (!found.complaint.empty() || found.missing.empty()) return found.complaint;
    if (Clock::now() > end) {
      return "expected " + std::to_string(size) + " processes (WORLD_SIZE) within " +
             seconds_text(timeout) + " (distributed.timeout), found none with rank " +
             join(found.missing);
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

c10::intrusive_ptr<c10d::Store> open_store(const LaunchEnvironment& launch, milliseconds timeout) {
  if (launch.master_address.empty()) {
    throw ConfigError(
        "MASTER_ADDR: expected in the environment, as the host of process 0, where the processes "
        "run on several hosts; found none");
  }
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(launch.master_port);
  options.isServer = launch.rank == 0 && !launch.launcher_listens;
  options.waitWorkers = false;
  options.timeout = timeout;
  try {
    const auto store = c10::make_intrusive<c10d::TCPStore>(launch.master_address, options);
    return c10::make_intrusive<c10d::PrefixStore>("impasto/" + std::to_string(launch.attempt),
                                                  store);
  } catch (const c10::Error& error) {
    if (options.isServer) fail_to_listen(launch, error.what_without_backtrace());
    fail_to_reach(launch, timeout);
  }
}

void meet(c10d::Store& store, const LaunchEnvironment& launch, milliseconds timeout) {
  if (store.add("claims/" + std::to_string(launch.rank), 1) > 1) {
    throw ConfigError(
        "RANK: two processes are both number " + std::to_string(launch.rank) + " at " +
        launch.master_address + ", port " + std::to_string(launch.master_port) +
        ": give each a rank of its own, and each run a port of its own (MASTER_PORT)");
  }
  store.set(key_of(launch.rank), std::to_string(launch.size));
  constexpr const char* kVerdict = "verdict";
  std::string complaint;
  if (launch.rank == 0) {
    complaint = wait_for_all(store, launch.size, timeout);
    store.set(kVerdict, complaint);
    // The store may end with this process: the others are to read first.
    if (!complaint.empty()) std::this_thread::sleep_for(std::chrono::seconds(1));
  } else {
    store.setTimeout(2 * timeout);
    complaint = store.get_to_str(kVerdict);
    store.setTimeout(timeout);
  }
  if (!complaint.empty()) throw ConfigError(complaint);
}

}  // namespace impasto
