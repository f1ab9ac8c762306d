#include "impasto/engine/executor.h"

#include <atomic>
#include <exception>
#include <new>
#include <thread>

#include "impasto/engine/moments.h"
#include "impasto/engine/tile_runner.h"

namespace impasto::engine {

namespace {

inline void relax() {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  asm volatile("yield");
#endif
}

/// Waits until `value` is not `old`: awake for about as long as falling asleep and waking would
/// take, some tens of microseconds, because the last tiles of a stage end close together; then
/// asleep.
int wait_while(const std::atomic<int>& value, int old) {
  constexpr int kTries = 2048;
  for (int i = 0; i < kTries; ++i) {
    const int now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

/// One run: its threads take tiles until a stage has none left, meet, and go on together.
class Run {
 public:
  Run(const RunContext& context,
      const Plan& plan,
      std::byte* arena,
      int threads,
      const Progress& progress)
      : context_(context), plan_(plan), arena_(arena), threads_(threads), progress_(progress) {
    for (int worker = 0; worker < threads_; ++worker) new (&front(worker)) std::atomic<int>(0);
  }

  void work(int worker) {
    std::byte* const scratch = arena_ + plan_.scratch_offset + worker * plan_.scratch_size;
    context_.kernels.enter();
    const int stages = static_cast<int>(context_.network.stages.size());
    for (int stage = 0; stage < stages && !stopped_; ++stage) {
      const StagePlan& plan = context_.stages[stage];
      for (;;) {
        // Every tile below its front is none of this worker's business any more.
        front(worker).store(next_tile_.load(std::memory_order_relaxed), std::memory_order_release);
        const int tile = next_tile_.fetch_add(1, std::memory_order_relaxed);
        front(worker).store(tile, std::memory_order_release);
        if (tile >= plan.tiles()) break;
        if (!plan.needed_rows.empty()) {
          wait_for_tiles(plan.needed_rows[tile / plan.tiles_across] * plan.tiles_across);
        }
        run_tile(context_, stage, plan.tile_at(tile), scratch);
      }
      if (worker == 0) {
        lead(stage, stages);
      } else {
        follow(stage);
      }
    }
    context_.kernels.leave();
  }

  bool finished() const {
    if (failure_) std::rethrow_exception(failure_);
    return !stopped_;
  }

 private:
  std::atomic<int>& front(int worker) const {
    return *reinterpret_cast<std::atomic<int>*>(arena_ + plan_.front_offset + worker * kAlignment);
  }

  /// Until all tiles below `needed` are done. The plan leaves so much room that this hardly ever
  /// waits.
  void wait_for_tiles(int needed) const {
    for (int worker = 0; worker < threads_; ++worker) {
      while (front(worker).load(std::memory_order_acquire) < needed) std::this_thread::yield();
    }
  }

  void lead(int stage, int stages) {
    for (int arrived = arrived_.load(std::memory_order_acquire); arrived != threads_ - 1;) {
      arrived = wait_while(arrived_, arrived);
    }
    arrived_.store(0, std::memory_order_relaxed);
    next_tile_.store(0, std::memory_order_relaxed);
    for (int worker = 0; worker < threads_; ++worker)
      front(worker).store(0, std::memory_order_relaxed);
    finish_stage(context_, stage);
    try {
      if (progress_ && !progress_((stage + 1.0) / stages)) stopped_ = true;
    } catch (...) {
      failure_ = std::current_exception();
      stopped_ = true;
    }
    stage_.store(stage + 1, std::memory_order_release);
    stage_.notify_all();
  }

  void follow(int stage) {
    arrived_.fetch_add(1, std::memory_order_acq_rel);
    arrived_.notify_one();
    wait_while(stage_, stage);
  }

  const RunContext& context_;
  const Plan& plan_;
  std::byte* const arena_;
  const int threads_;
  const Progress& progress_;
  std::atomic<int> next_tile_{0};
  std::atomic<int> arrived_{0};
  std::atomic<int> stage_{0};
  bool stopped_ = false;  // written by the leader while the others wait for stage_
  std::exception_ptr failure_;
};

}  // namespace

bool execute(const RunContext& context,
             const Plan& plan,
             std::byte* arena,
             ThreadPool& pool,
             const Progress& progress) {
  Run run(context, plan, arena, pool.threads(), progress);
  pool.run([&run](int worker) { run.work(worker); });
  return run.finished();
}

}  // namespace impasto::engine
