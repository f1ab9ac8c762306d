#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "impasto/base/evaluate_config.h"
#include "impasto/base/image.h"
#include "impasto/base/image_source.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/nn/loss_network.h"
#include "impasto/style/style_model.h"
#include "impasto/train/loss_values.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// A photo to score on.
struct EvaluationPhoto {
  std::string name;    ///< The source's.
  at::Tensor picture;  ///< [1,3,S,S] uint8 RGB, on CPU.
};

/// The middle square of every picture, scaled to `side`. One that cannot be read, or whose short
/// side is below `side`, is named in a warning and left out. Throws IoError when none is left.
std::vector<EvaluationPhoto> evaluation_photos(const ImageSource& photos, std::int64_t side);

/// Makes a picture of a photo, both [1,3,H,W] float32 in [0,255] on the loss's device: a generator,
/// or the identity to score the photos themselves.
using Restyle = std::function<at::Tensor(const at::Tensor& photo)>;

/// Mean of the losses of what `restyle` makes of each photo against the `painting`-th painting that
/// `loss` is calibrated with. Without gradients, one picture at a time, in the precision of an
/// Autocast around the call. A generator is to be in evaluation mode.
LossValues mean_losses(const Restyle& restyle,
                       PerceptualLoss& loss,
                       const std::vector<EvaluationPhoto>& photos,
                       const c10::Device& device,
                       std::int64_t painting = 0);

/// The losses of one photo's results.
struct PhotoScore {
  std::string name;  ///< The source's.
  LossValues photo;  ///< Of the photo itself.
  LossValues model;  ///< Of what the model makes of it.
  /// Of the best picture that L-BFGS has found after 1, 2, 3, ... evaluations of the loss and its
  /// gradient, started from the photo. Empty without comparison.
  std::vector<LossValues> lbfgs;
};

/// How good a style model is: Johnson et al. 2016, section 4.1 and figure 5.
struct Evaluation {
  std::string style;                      ///< Name of the style that was scored.
  std::int64_t image_size = 0;            ///< Side of the scored squares in pixels.
  LossConfig loss;                        ///< What scores them.
  std::string loss_network;               ///< Architecture.
  std::map<std::string, double> scales;   ///< Empty unless features are normalised.
  bool scales_from_model = false;         ///< Else measured on the painting and the first photos.
  std::vector<std::int64_t> comparisons;  ///< Numbers of L-BFGS evaluations to show.
  std::int64_t long_evaluations = 0;      ///< On the first photos; 0: as many as on all.
  std::vector<PhotoScore> photos;         ///< One a photo, in the source's order.
  bool stopped = false;                   ///< By a callback: some photos lack L-BFGS.

  /// Of L-BFGS, on every photo; 0 without comparison.
  std::int64_t evaluations_on_all() const { return comparisons.empty() ? 0 : comparisons.back(); }

  /// Whether the first photos were followed further than the others.
  bool has_long() const { return long_evaluations > evaluations_on_all(); }
};

/// Mean over the photos with at least `evaluations` L-BFGS evaluations.
PhotoScore mean_score(const std::vector<PhotoScore>& photos, std::int64_t evaluations);

/// The number of evaluations after which L-BFGS is as good as a total loss of `total`, interpolated
/// between whole ones. 0 where even the start is better; nothing where L-BFGS never gets there.
std::optional<double> matching_evaluations(const std::vector<LossValues>& lbfgs, double total);

/// One evaluation of L-BFGS.
struct EvaluationProgress {
  std::int64_t done = 0;              ///< Evaluations done, those from the cache included.
  std::int64_t total = 0;             ///< On all photos.
  std::string photo;                  ///< Name of the photo at work.
  double evaluations_per_second = 0;  ///< Smoothed.
  double eta = 0;                     ///< Seconds to the end.
};

/// Scores a style model on photos and compares it with L-BFGS on the same photos, sizes and losses.
/// Everything is computed in float32; pixel values outside [0,255] count as they are, as in
/// training.
class Evaluator {
 public:
  /// `config.style`, `photos` and `model` are the caller's to open. The loss network is shared, not
  /// copied, and moved to the device. Feature scales are the model's own where it has those of
  /// every layer in use and was trained with this architecture. Throws ConfigError for a config
  /// that makes no sense or a style that the model does not have, FormatError for a damaged model,
  /// IoError for a device that is absent.
  Evaluator(const EvaluateConfig& config,
            const StyleModel& model,
            LossNetwork loss_network,
            const Image& painting);
  ~Evaluator();

  /// Called after every evaluation of L-BFGS; kStop ends `run` there.
  void on_progress(std::function<Flow(const EvaluationProgress&)> callback);

  /// What L-BFGS came to is kept in `config.cache`, photo by photo, so that a run that was stopped
  /// goes on. Throws IoError when no photo can be used or the cache cannot be written.
  Evaluation run(const ImageSource& photos);

  /// What runs where, for a log.
  std::string description() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace impasto
