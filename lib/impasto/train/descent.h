#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "impasto/base/optimize_config.h"
#include "impasto/loss/perceptual_loss.h"
#include "impasto/train/loss_values.h"
#include "impasto/train/trainer.h"

namespace impasto {

/// How `descend` goes.
struct DescentOptions {
  DescentMethod method = DescentMethod::kLbfgs;  ///< What moves the pixels.
  std::int64_t evaluations = 500;  ///< Of the loss and its gradient: what the time goes into.
  int history = 100;               ///< L-BFGS: steps that the curvature is estimated from.
  /// L-BFGS: mean change of a pixel value, of 255, that the first trial step makes.
  double first_step = 1;
  double learning_rate = 2;  ///< Adam: change of a pixel value, of 255, in a step.
};

/// One evaluation of the loss and its gradient.
struct DescentReport {
  std::int64_t evaluation = 0;  ///< From 1, which is the start.
  LossValues loss;              ///< Of the picture just tried.
  LossValues best;              ///< Of the best picture so far.
};

/// Changes the pixels of a picture so that `loss` falls, and returns the best picture that was
/// tried: its loss is at most that of `start` [1,3,H,W]. The loss is a function of a picture of
/// that shape, differentiable, and finite; otherwise an Error says which term is not.
///
/// L-BFGS (Liu, Nocedal 1989) is libtorch's, with a line search for the strong Wolfe conditions
/// (Nocedal, Wright 2006, algorithm 3.5): a step that overshoots is shortened instead of taken. The
/// problem is scaled so that neither the loss's scale nor the picture's size matters to it. Adam
/// likewise sees a mean gradient of 1 at the start.
///
/// `report` is called after every evaluation; kStop ends the descent. It also ends when the
/// evaluations are spent, or, before that, when L-BFGS finds nothing better in float32.
at::Tensor descend(const at::Tensor& start,
                   const std::function<LossTerms(const at::Tensor&)>& loss,
                   const DescentOptions& options,
                   const std::function<Flow(const DescentReport&)>& report);

}  // namespace impasto
