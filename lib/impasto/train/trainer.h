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

namespace impasto {

/// What a callback returns: go on, or stop cleanly after this step.
enum class Flow { kContinue, kStop };

/// One finished optimizer step.
struct StepReport {
  std::int64_t step = 0;   ///< From 1.
  std::int64_t total = 0;  ///< Steps of the whole run.
  double content = 0;      ///< Loss terms, weighted, averaged over the step's batches.
  double style = 0;
  double tv = 0;
  double loss = 0;  ///< Their sum.
  double learning_rate = 0;
  double gradient_norm = 0;        ///< Global L2 norm before clipping.
  double pictures_per_second = 0;  ///< Smoothed.
  double loader_wait = 0;  ///< Share of the time spent waiting for pictures, 0 to 1, smoothed.
  double seconds = 0;      ///< Since `fit` began.
  double eta = 0;          ///< Seconds to the end.
  std::int64_t bad_pictures = 0;  ///< Pictures that could not be used, so far.
};

/// Photos and what the network makes of them at `step`: the first four crops of the run, whatever
/// the batch size.
struct SampleReport {
  std::int64_t step = 0;
  std::vector<Image> photos;
  std::vector<Image> results;
};

/// Trains a style model.
///
///     auto config = impasto::load_train_config("configs/train.json");
///     impasto::ImageFolder photos("photos/");
///     std::vector<impasto::Image> paintings = {impasto::read_image(config.style.images[0])};
///     impasto::Trainer trainer(config, impasto::load_loss_network(config.loss.network),
///     paintings); trainer.on_step([](const impasto::StepReport& r) { return
///     impasto::Flow::kContinue; }); trainer.fit(photos).save("harbour_style.safetensors");
class Trainer {
 public:
  /// `paintings`: one a style, in the config's order; each is scaled to a short side of
  /// style.image_size. The loss network is shared, not copied, and moved to the device. Initial
  /// weights come from data.seed, through libtorch's global random numbers. Throws ConfigError for
  /// a config that makes no sense, IoError for a device that is absent.
  Trainer(const TrainConfig& config, LossNetwork loss_network, const std::vector<Image>& paintings);
  ~Trainer();

  /// Called after every step from the thread that runs `fit`.
  void on_step(std::function<Flow(const StepReport&)> callback);

  /// Called every run.sample_every steps and after the last one; never when that is 0.
  void on_sample(std::function<void(const SampleReport&)> callback);

  /// Runs the schedule, or until a callback stops it; called again, goes on after the last finished
  /// step, as if it had not been stopped. Deterministic for one build, thread count and instruction
  /// set. The model's `training` holds the config and the last losses. Throws IoError when pictures
  /// run out, and Error that says what to change when a loss is no longer finite or memory runs
  /// out.
  StyleModel fit(const ImageSource& photos);

  /// What runs where, for a log: "libtorch 2.11.0, cpu, bfloat16, 2 threads; 1679235 parameters;
  /// vgg16".
  std::string description() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
