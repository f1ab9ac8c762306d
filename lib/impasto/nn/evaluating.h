#pragma once

// Private: not installed.

#include "impasto/nn/generator.h"

namespace impasto {

/// A generator in evaluation mode while it lives; as it was before afterwards.
class Evaluating {
 public:
  explicit Evaluating(const Generator& generator)
      : generator_(generator), was_training_(generator->is_training()) {
    generator_->eval();
  }
  ~Evaluating() { generator_->train(was_training_); }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  Generator generator_;
  bool was_training_;
};

}  // namespace impasto
