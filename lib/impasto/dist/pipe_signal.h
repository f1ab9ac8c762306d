#pragma once

#include <csignal>

namespace impasto {

/// Keeps SIGPIPE from the calling thread, and from the threads that it starts for as long as they
/// live. Gloo and the store write to sockets by writev, for which a lost process at the other end
/// is a signal that ends the program; blocked, it is an error like any other. The rest of the
/// program keeps its own way with the signal.
class PipeSignalBlock {
 public:
  PipeSignalBlock();
  ~PipeSignalBlock();

  PipeSignalBlock(const PipeSignalBlock&) = delete;
  PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;

 private:
  sigset_t before_;  // what the thread blocked
};

}  // namespace impasto
