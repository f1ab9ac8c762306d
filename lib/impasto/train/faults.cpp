#include "impasto/train/faults.h"

#include <c10/util/Exception.h>

#include <cmath>
#include <exception>
#include <string>

#include "impasto/base/error.h"
#include "impasto/nn/torch_error.h"

namespace impasto {
namespace {

Error out_of_memory(const TrainConfig& config) {
  return Error("out of memory at data.batch_size " + std::to_string(config.data.batch_size) +
               " and data.image_size " + std::to_string(config.data.image_size) +
               ": lower data.batch_size and raise optimizer.accumulate by the same factor, which "
               "gives the same steps, or lower data.image_size");
}

}  // namespace

void rethrow_for_user(const TrainConfig& config) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& error) {
    if (is_out_of_memory(error)) throw out_of_memory(config);
    throw Error(std::string("libtorch: ") + error.what_without_backtrace());
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) throw out_of_memory(config);
    throw;
  }
}

void require_finite(const StepReport& report) {
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
    throw Error("step " + std::to_string(report.step) + ": expected a finite " + term.name +
                ", found " + std::to_string(term.value) + ": " + term.advice +
                ", set optimizer.clip_norm, or try run.precision float32");
  }
}

}  // namespace impasto
