#pragma once

// Private: not installed. What is looked at between the steps of a run. In the precision of an
// Autocast around the calls; afterwards the generator is as it was before.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <vector>

#include "impasto/base/image_source.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/generator.h"
#include "impasto/train/evaluation.h"
#include "impasto/train/process_group.h"
#include "impasto/train/run_records.h"
#include "impasto/train/style_choice.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// What `generator` makes of each of `photos` [N,3,S,S], with the paintings in turn.
SampleReport make_sample(Generator generator,
                         const at::Tensor& photos,
                         const StyleChoice& styles,
                         std::int64_t step);

/// How active its layers are on the same.
ActivityReport make_activity(const Generator& generator,
                             const at::Tensor& photos,
                             const StyleChoice& styles,
                             std::int64_t step);

/// Photos that a run does not learn from, shared out over its processes.
class Validation {
 public:
  /// Reads this process's share, squares of `side`.
  Validation(const ImageSource& photos, std::int64_t side, const ProcessGroup& group);

  /// The mean over the photos of all processes and all paintings.
  ValidationReport measure(Generator generator,
                           PerceptualLoss& loss,
                           const StyleChoice& styles,
                           const c10::Device& device,
                           ProcessGroup& group,
                           std::int64_t step) const;

 private:
  std::vector<EvaluationPhoto> photos_;
};

}  // namespace impasto
