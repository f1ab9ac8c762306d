#include "impasto/train/schedule.h"

#include "support/catch.h"

using impasto::OptimizerConfig;
using impasto::peak_rate;
using impasto::RateScaling;
using impasto::schedule_factor;
using impasto::ScheduleConfig;
using impasto::ScheduleKind;
using impasto::total_steps;

TEST_CASE("Steps win over epochs, and epochs are rounded up to whole steps") {
  CHECK(total_steps({.steps = 7, .epochs = 2}, 100, 4) == 7);
  CHECK(total_steps({.steps = 0, .epochs = 2}, 100, 4) == 50);
  CHECK(total_steps({.steps = 0, .epochs = 2}, 101, 4) == 51);         // 202 / 4 = 50.5
  CHECK(total_steps({.steps = 0, .epochs = 0.5}, 82783, 4) == 10348);  // 41391.5 / 4 = 10347.9
  CHECK(total_steps({.steps = 0, .epochs = 1}, 1, 64) == 1);
}

TEST_CASE("A constant rate stays at its peak") {
  const ScheduleConfig schedule{.kind = ScheduleKind::kConstant};
  CHECK(schedule_factor(schedule, 0, 100) == 1.0);
  CHECK(schedule_factor(schedule, 99, 100) == 1.0);
}

TEST_CASE("A stepped rate drops by its factor at every interval") {
  const ScheduleConfig schedule{.kind = ScheduleKind::kStep, .step_every = 10, .step_factor = 0.5};
  CHECK(schedule_factor(schedule, 9, 100) == 1.0);
  CHECK(schedule_factor(schedule, 10, 100) == 0.5);
  CHECK(schedule_factor(schedule, 19, 100) == 0.5);
  CHECK(schedule_factor(schedule, 35, 100) == 0.125);
}

TEST_CASE("A cosine rate falls from its peak to its final share") {
  const ScheduleConfig schedule{.kind = ScheduleKind::kCosine, .final_factor = 0.2};
  CHECK(schedule_factor(schedule, 0, 100) == 1.0);
  // A quarter of the way: (1 + cos 45 degrees) / 2 = 0.853553; 0.2 + 0.8 * that = 0.882843.
  CHECK(schedule_factor(schedule, 25, 100) == Approx(0.882843).epsilon(1e-6));
  CHECK(schedule_factor(schedule, 50, 100) == Approx(0.6));
  CHECK(schedule_factor(schedule, 100, 100) == Approx(0.2));
}

TEST_CASE("A warm-up rises in equal steps to the peak and delays the cosine") {
  const ScheduleConfig schedule{.kind = ScheduleKind::kCosine, .warmup_steps = 4};
  CHECK(schedule_factor(schedule, 0, 104) == Approx(0.2));
  CHECK(schedule_factor(schedule, 1, 104) == Approx(0.4));
  CHECK(schedule_factor(schedule, 3, 104) == Approx(0.8));
  CHECK(schedule_factor(schedule, 4, 104) == 1.0);
  CHECK(schedule_factor(schedule, 54, 104) == Approx(0.5));  // halfway through the other 100
}

TEST_CASE("A warm-up multiplies the other schedules") {
  const ScheduleConfig constant{.kind = ScheduleKind::kConstant, .warmup_steps = 1};
  CHECK(schedule_factor(constant, 0, 10) == 0.5);
  CHECK(schedule_factor(constant, 1, 10) == 1.0);
  const ScheduleConfig stepped{
      .kind = ScheduleKind::kStep, .warmup_steps = 3, .step_every = 2, .step_factor = 0.1};
  CHECK(schedule_factor(stepped, 2, 10) == Approx(0.75 * 0.1));
}

TEST_CASE("A warm-up as long as the run does not divide by zero") {
  const ScheduleConfig schedule{.kind = ScheduleKind::kCosine, .warmup_steps = 10};
  CHECK(schedule_factor(schedule, 9, 10) == Approx(10.0 / 11));
}

TEST_CASE("The peak rate follows the pictures a step as it is told to") {
  OptimizerConfig optimizer{.learning_rate = 1e-3, .rate_pictures = 2};
  CHECK(peak_rate(optimizer, 8) == 1e-3);
  optimizer.rate_scaling = RateScaling::kLinear;
  CHECK(peak_rate(optimizer, 8) == Approx(4e-3));
  optimizer.rate_scaling = RateScaling::kSquareRoot;
  CHECK(peak_rate(optimizer, 8) == Approx(2e-3));
}
