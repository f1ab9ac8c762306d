#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "impasto/base/host_tensor.h"
#include "impasto/base/train_config.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/generator.h"
#include "impasto/train/checkpoint.h"
#include "impasto/train/faults.h"
#include "impasto/train/gradient_workers.h"
#include "impasto/train/loss_values.h"
#include "impasto/train/named_tensors.h"
#include "impasto/train/optimizer.h"
#include "impasto/train/process_group.h"
#include "impasto/train/recorded_gradient.h"
#include "impasto/train/style_choice.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// The weights of a run and what moves them, one optimizer step at a time. A step whose loss or
/// gradient is not finite changes nothing but the count of those skipped.
class Learner {
 public:
  /// Weights from data.seed. `group`, `loss` and `choice` are kept, and outlive it.
  Learner(const TrainConfig& config,
          const c10::Device& device,
          c10::ScalarType precision,
          ProcessGroup& group,
          PerceptualLoss& loss,
          const StyleChoice& choice);

  /// Replaces the weights.
  void start_from(const std::map<std::string, HostTensor>& weights);

  /// Replaces everything by what `store` has put into a checkpoint. Throws FormatError for a tensor
  /// that is missing or has another shape.
  void restore(const Checkpoint& checkpoint);

  /// Adds tensors, counts and losses.
  void store(Checkpoint& checkpoint);

  /// Gives the first process's weights to all of the group.
  void share_weights();

  /// Step number `step` (from 0) of `total`. `next_batch` gives this process's part of each batch,
  /// [N,3,S,S] in [0,255] on the device. The report lacks what depends on time.
  StepReport run_step(std::int64_t step,
                      std::int64_t total,
                      const std::function<at::Tensor()>& next_batch);

  /// What is saved and shown: with optimizer.ema the average of the weights, else the weights.
  const Generator& result() const { return average_ ? average_ : generator_; }

  /// Whether steps are recorded once and launched as a whole.
  bool is_recorded() const { return recorded_.has_value(); }

  /// Those that training changes.
  const NamedTensors& trained() const { return parameters_; }

  /// `content`, `style`, `tv` and `total` of the last step that was not skipped.
  std::map<std::string, double> losses() const;

 private:
  LossValues add_gradient(const at::Tensor& photos,
                          std::uint64_t first_sample,
                          double share,
                          bool last);
  LearningBatch batch_of(const at::Tensor& photos, std::uint64_t first_sample) const;
  LossTerms forward(Generator& generator, const LearningBatch& batch);
  void share_losses(StepReport& report);
  void take_step(const StepReport& report, double factor);
  void skip(const StepReport& report, const Fault& fault);

  const TrainConfig config_;
  const double peak_rate_;
  const c10::Device device_;
  const c10::ScalarType precision_;
  ProcessGroup& group_;
  PerceptualLoss& loss_;
  const StyleChoice& choice_;
  Generator generator_;
  Generator average_{nullptr};  // none without optimizer.ema
  const NamedTensors parameters_;
  const BatchDivision division_;
  GradientWorkers workers_;
  const std::unique_ptr<GradientReducer> reducer_;
  Optimizer optimizer_;
  std::optional<RecordedGradient> recorded_;  // on a GPU that no other process shares

  std::int64_t skipped_ = 0;
  std::int64_t skipped_in_a_row_ = 0;
  std::int64_t averaged_ = 0;
  StepReport last_;  // that was not skipped
};

}  // namespace impasto
