#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "impasto/base/image.h"
#include "impasto/base/optimize_config.h"
#include "impasto/nn/loss_network.h"
#include "impasto/train/loss_values.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// One evaluation of the loss and its gradient.
struct OptimizeReport {
  std::int64_t evaluation = 0;        ///< From 1, over all levels.
  std::int64_t total = 0;             ///< Of the whole run.
  int level = 0;                      ///< From 1, the coarsest.
  LossValues loss;                    ///< Of the picture just tried.
  LossValues best;                    ///< Of the best picture of this level so far.
  double evaluations_per_second = 0;  ///< At this level.
  double seconds = 0;                 ///< Since the run began.
  double eta = 0;                     ///< Seconds to the end, if every evaluation is used.
};

/// Paints a photo in the style of a painting without a trained network, by changing the photo's
/// pixels until the perceptual loss is small (Gatys, Ecker, Bethge 2016, "Image Style Transfer
/// Using Convolutional Neural Networks"). Slow: minutes a picture. The loss is that of training.
///
///     impasto::OptimizeConfig config;
///     impasto::DirectOptimizer optimizer(config, impasto::load_loss_network(config.loss.network));
///     impasto::write_image("harbour_wave.png", optimizer.run(photo, painting));
class DirectOptimizer {
 public:
  /// The loss network is shared, not copied, and moved to the device. Throws ConfigError for a
  /// config that makes no sense, IoError for a device that is absent.
  DirectOptimizer(const OptimizeConfig& config, LossNetwork loss_network);
  ~DirectOptimizer();

  /// Called after every evaluation from the thread that calls `run`. kStop ends the run with the
  /// best picture so far.
  void on_evaluation(std::function<Flow(const OptimizeReport&)> callback);

  /// The photo repainted, in its size; `max_side` is the caller's to apply. Alpha is ignored. Pixel
  /// values are not bounded on the way, and clamped at the end. Deterministic for one build, thread
  /// count and instruction set. Throws ConfigError for a photo that is too small, and Error when
  /// memory runs out or a loss is not finite.
  Image run(const Image& photo, const Image& painting);

  /// What runs where, for a log: "libtorch 2.11.0, cpu, float32, 2 threads; vgg16, lbfgs".
  std::string description() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
