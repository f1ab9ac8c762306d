#include "impasto/train/faults.h"

#include <cmath>
#include <string>

#include "impasto/base/error.h"
#include "impasto/train/torch_faults.h"

namespace impasto {
namespace {

std::string out_of_memory(const TrainConfig& config) {
  return "out of memory at data.batch_size " + std::to_string(config.data.batch_size) +
         " and data.image_size " + std::to_string(config.data.image_size) +
         ": lower data.batch_size and raise optimizer.accumulate by the same factor, which gives "
         "the "
         "same steps, or lower data.image_size";
}

}  // namespace

void rethrow_for_user(const TrainConfig& config) { rethrow_for_user(out_of_memory(config)); }

std::optional<Fault> find_fault(const StepReport& report) {
  const struct {
    const char* name;
    double value;
    const char* advice;
  } terms[] = {
      {"content loss", report.content, "lower optimizer.learning_rate or loss.content_weight"},
      {"style loss", report.style, "lower optimizer.learning_rate or loss.style_weight"},
      {"tv loss", report.tv, "lower optimizer.learning_rate or loss.tv_weight"},
      {"gradient norm", report.gradient_norm, "lower optimizer.learning_rate"},
  };
  for (const auto& term : terms) {
    if (std::isfinite(term.value)) continue;
    return Fault{std::string(term.name) + " is " + std::to_string(term.value), term.advice};
  }
  return std::nullopt;
}

Error too_many_skipped(const StepReport& report, const Fault& fault, std::int64_t in_a_row) {
  return Error("step " + std::to_string(report.step) + ": the " + fault.term + ", and " +
               std::to_string(in_a_row) +
               " steps in a row had to be skipped (optimizer.max_skipped): " + fault.advice +
               ", set optimizer.clip_norm, or try run.precision float32");
}

}  // namespace impasto
