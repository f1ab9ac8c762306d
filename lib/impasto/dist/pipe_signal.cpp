#include "impasto/dist/pipe_signal.h"

#include <pthread.h>

#include <ctime>

namespace impasto {
namespace {

sigset_t pipe_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  return signals;
}

}  // namespace

PipeSignalBlock::PipeSignalBlock() {
  const sigset_t signals = pipe_signal();
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

PipeSignalBlock::~PipeSignalBlock() {
  if (sigismember(&before_, SIGPIPE) == 1) return;
  // One that has come in between would end the program as soon as it is let through.
  const sigset_t signals = pipe_signal();
  const timespec at_once{};
  sigtimedwait(&signals, nullptr, &at_once);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace impasto
