#pragma once

// Private: not installed.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace impasto::engine {

/// Threads that sleep until there is work, and no global state: a host may have as many pools as it
/// likes.
class ThreadPool {
 public:
  /// `threads` counts the caller of `run` too.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls `work(worker)` once on each thread at the same time, as worker 0 on the caller's, and
  /// returns when all have returned. `work` must not throw. Calls from several threads run one
  /// after the other; a pool of one thread has nothing to share, and its calls run at the same
  /// time.
  template <typename Work>
  void run(Work&& work) {
    run_job({[](void* object, int worker) {
               (*static_cast<std::remove_reference_t<Work>*>(object))(worker);
             },
             &work});
  }

 private:
  struct Job {
    void (*call)(void* object, int worker);
    void* object;
  };

  void run_job(Job job);
  void work(int worker);

  std::mutex callers_;  // held for the length of one job
  std::mutex mutex_;    // guards what follows
  std::condition_variable wake_;
  std::condition_variable done_;
  Job job_{};
  long generation_ = 0;
  int busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace impasto::engine
