#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/program.h"

/// A TCP port of the loopback that is free now.
inline int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const pointer = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, pointer, length) != 0 || getsockname(listener, pointer, &length) != 0) {
    throw std::runtime_error("no free port");
  }
  close(listener);
  return ntohs(address.sin_port);
}

/// Command lines of `train` that a launcher has started together.
class Processes {
 public:
  Processes(int size, std::string folder) : size_(size), folder_(std::move(folder)) {}

  /// Starts the one with this rank; `environment` adds to and replaces what the launcher sets.
  Program& start(int rank,
                 const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment = {}) {
    std::vector<std::string> words = {"RANK=" + std::to_string(rank),
                                      "WORLD_SIZE=" + std::to_string(size_),
                                      "LOCAL_RANK=" + std::to_string(rank),
                                      "MASTER_ADDR=127.0.0.1",
                                      "MASTER_PORT=" + std::to_string(port_)};
    words.insert(words.end(), environment.begin(), environment.end());
    words.emplace_back(IMPASTO_TRAIN);
    words.insert(words.end(), arguments.begin(), arguments.end());
    programs_.push_back(std::make_unique<Program>("/usr/bin/env", words, folder_));
    return *programs_.back();
  }

  /// Starts all of them.
  void start_all(const std::vector<std::string>& arguments) {
    for (int rank = 0; rank < size_; ++rank) start(rank, arguments);
  }

  /// Waits for all, in the order of their start.
  std::vector<ProgramResult> wait() {
    std::vector<ProgramResult> results;
    for (auto& program : programs_) results.push_back(program->wait());
    programs_.clear();
    return results;
  }

  /// Whether the one that was started as number `index` still runs.
  bool running(std::size_t index) { return programs_.at(index)->running(); }

  int port() const { return port_; }

 private:
  const int size_;
  const std::string folder_;
  const int port_ = free_port();
  std::vector<std::unique_ptr<Program>> programs_;
};
