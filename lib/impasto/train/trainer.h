#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/base/image_source.h"
#include "impasto/base/train_config.h"
#include "impasto/nn/loss_network.h"
#include "impasto/style/style_model.h"
#include "impasto/train/checkpoint.h"
#include "impasto/train/process_group.h"
#include "impasto/train/run_records.h"

namespace impasto {

/// What a callback returns: go on, or stop cleanly after this step.
enum class Flow { kContinue, kStop };

/// One finished optimizer step.
struct StepReport {
  std::int64_t step = 0;           ///< From 1.
  std::int64_t total = 0;          ///< Steps of the whole run.
  double content = 0;              ///< Loss terms, weighted, averaged over the step's batches.
  double style = 0;                ///< Likewise.
  double tv = 0;                   ///< Likewise.
  double loss = 0;                 ///< Their sum.
  double learning_rate = 0;        ///< Adam's, of this step.
  double gradient_norm = 0;        ///< Global L2 norm before clipping.
  double pictures_per_second = 0;  ///< Smoothed.
  double loader_wait = 0;  ///< Share of the time spent waiting for pictures, 0 to 1, smoothed.
  double seconds = 0;      ///< Of training, those before a resume too.
  double eta = 0;          ///< Seconds to the end.
  std::int64_t bad_pictures = 0;  ///< Pictures that could not be used, so far.
  /// Steps without effect so far, as a loss or gradient was not finite.
  std::int64_t skipped_steps = 0;
};

/// Photos and what the network makes of them at `step`: the first four crops of the run, whatever
/// the batch size.
struct SampleReport {
  std::int64_t step = 0;       ///< Optimizer steps done.
  std::vector<Image> photos;   ///< Squares of data.image_size.
  std::vector<Image> results;  ///< One a photo, of the same size.
};

/// What one optimizer step costs.
struct TrainingCost {
  std::int64_t parameters = 0;          ///< Of the generator.
  std::int64_t trained_parameters = 0;  ///< Fewer when styles are added to a model.
  std::int64_t pictures_per_step = 0;   ///< Batch size times accumulation.
  /// Floating-point operations of all convolutions: a forward pass counts two for each product of a
  /// weight and a value, a backward pass as many for each gradient it computes.
  double flops_per_step = 0;
};

/// Trains a style model.
///
///     auto config = impasto::load_train_config("configs/train.json");
///     impasto::ImageFolder photos("photos/");
///     std::vector<impasto::Image> paintings = {impasto::read_image(config.style.images[0])};
///     auto network = impasto::load_loss_network(config.loss.network);
///     impasto::Trainer trainer(config, network, paintings);
///     trainer.on_step([](const impasto::StepReport&) { return impasto::Flow::kContinue; });
///     trainer.fit(photos).save("harbour_style.safetensors");
class Trainer {
 public:
  /// `paintings`: one a style, in the config's order; each is scaled to a short side of
  /// style.image_size. The loss network is shared, not copied, and moved to the device. Initial
  /// weights come from data.seed, through libtorch's global random numbers. Throws ConfigError for
  /// a config that makes no sense, IoError for a device that is absent.
  ///
  /// With a `group` of several processes each makes a Trainer from the same config and calls the
  /// same members. A batch is shared out in equal parts, gradients and losses are averaged, feature
  /// scales too, held-out photos are shared out: the weights become those of one process up to
  /// rounding, the same in all processes. Callbacks are each process's own: give those that write
  /// to the first one. When one asks to stop, all do after the same step.
  Trainer(const TrainConfig& config,
          LossNetwork loss_network,
          const std::vector<Image>& paintings,
          std::shared_ptr<ProcessGroup> group = one_process());
  ~Trainer();

  /// Called after every step from the thread that runs `fit`.
  void on_step(std::function<Flow(const StepReport&)> callback);

  /// Called every run.sample_every steps and after the last one; never when that is 0.
  void on_sample(std::function<void(const SampleReport&)> callback);

  /// Called with the activity of the generator's layers on the photos of the samples, when those
  /// are due.
  void on_activity(std::function<void(const ActivityReport&)> callback);

  /// Called with the losses on the held-out photos (data.hold_out) after every run.evaluate_every
  /// steps and after the last one, in the precision of the training. Never when none are held out.
  void on_validation(std::function<void(const ValidationReport&)> callback);

  /// Called with the state after every run.checkpoint_every steps, after the last one, and after
  /// one at which a callback stops the run; `metrics` of it is left to the caller.
  void on_checkpoint(std::function<void(Checkpoint&)> callback);

  /// Starts from a trained model's weights: needed where config.init.from is given, before `fit`.
  /// With init.add_styles its styles come first, and the new ones start as the mean of them. Throws
  /// ConfigError for a model of another shape, and for a style whose name it has already.
  void start_from(const StyleModel& model);

  /// Goes on from a checkpoint, before `fit`. On a CPU with the same build, number of threads and
  /// instruction set the weights become those of a run that was never stopped, bit for bit;
  /// otherwise a warning says what differs. Throws ConfigError that lists the fields, where the
  /// config differs from the checkpoint's in more than ConfigChange::resumable ones, or where
  /// paintings or the loss network are others; `fit` then does where the photos are others, unless
  /// `allow_changed_photos`.
  void resume(const Checkpoint& checkpoint, bool allow_changed_photos = false);

  /// Runs the schedule, or until a callback stops it; called again, goes on after the last finished
  /// step, as if it had not been stopped. Deterministic for one build, thread count and instruction
  /// set. The model's `training` holds the config and the last losses. A step whose loss or
  /// gradient is not finite changes nothing but the count of those skipped. Throws IoError when
  /// pictures run out, Error that says what to change when more than optimizer.max_skipped steps in
  /// a row are skipped or memory runs out, and Error that names the process of the group that was
  /// lost.
  StyleModel fit(const ImageSource& photos);

  /// What a step of this run costs.
  TrainingCost cost() const;

  /// What runs where, for a log: "libtorch 2.11.0, cpu, bfloat16, 2 threads; 1679235 parameters;
  /// vgg16".
  std::string description() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
