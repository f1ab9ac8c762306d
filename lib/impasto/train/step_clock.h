#pragma once

// Private: not installed.

#include <chrono>

namespace impasto {

/// Times optimizer steps: smoothed over the last ten or so, so that figures follow a change of load
/// without jumping.
class StepClock {
 public:
  StepClock() : began_(Clock::now()), step_began_(began_) {}

  /// What lies between the end of one step and this call (callbacks, sample pictures) counts for
  /// none.
  void begin_step() { step_began_ = Clock::now(); }

  /// `waited` are the seconds of this step that were spent waiting for pictures.
  void end_step(double waited) {
    constexpr double kKeep = 0.9;
    weight_ = kKeep * weight_ + 1;
    step_ = kKeep * step_ + seconds_since(step_began_);
    wait_ = kKeep * wait_ + waited;
  }

  /// Of one step.
  double seconds_per_step() const { return step_ / weight_; }

  /// 0 to 1.
  double wait_share() const { return step_ > 0 ? wait_ / step_ : 0; }

  /// Since construction.
  double seconds() const { return seconds_since(began_); }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  Clock::time_point began_;
  Clock::time_point step_began_;
  double weight_ = 0;  // exponentially weighted sums
  double step_ = 0;
  double wait_ = 0;
};

}  // namespace impasto
