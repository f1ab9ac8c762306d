#pragma once

// Private: not installed.

#include <memory>
#include <optional>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "impasto/base/launch_environment.h"

namespace impasto {

/// Tells the other processes of a run, through the store, that this one is alive and how it ended,
/// and tells which of them are lost: a process that is killed or cut off stops counting its
/// heartbeats.
///
/// On a network that is cut the store answers no more, and its calls do not come back. So they are
/// made in threads that are left behind where it comes to that.
class Presence {
 public:
  /// Uses connections of its own to `store`.
  Presence(c10d::Store& store, const LaunchEnvironment& launch);

  /// Says that this process is done, unless it has said how it failed. Where the store lives in
  /// this process, waits a few seconds for the others to end, so that they do not take it for lost.
  ~Presence();

  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  /// This process ends because of `reason`, which is its own.
  void say_failed(const std::string& reason);

  /// Why this process cannot talk to the others: which was lost or failed. Watches them for a few
  /// heartbeats. Nothing where all are well; then the fault is this process's own.
  std::optional<std::string> find_lost();

 private:
  class Heartbeat;
  class Register;

  const LaunchEnvironment launch_;
  std::shared_ptr<Heartbeat> heartbeat_;
  std::shared_ptr<Register> register_;
};

}  // namespace impasto
