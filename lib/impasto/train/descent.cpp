#include "impasto/train/descent.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/optim/adam.h>
#include <torch/optim/lbfgs.h>
#include <torch/types.h>

#include <cmath>
#include <limits>
#include <string>

#include "impasto/base/error.h"

namespace impasto {
namespace {

void require_finite(const LossValues& loss, std::int64_t evaluation) {
  const struct {
    const char* name;
    double value;
  } terms[] = {{"content", loss.content}, {"style", loss.style}, {"tv", loss.tv}};
  for (const auto& term : terms) {
    if (std::isfinite(term.value)) continue;
    throw Error("evaluation " + std::to_string(evaluation) + ": expected a finite " + term.name +
                " loss, found " + std::to_string(term.value) + ": lower loss." + term.name +
                "_weight");
  }
}

// Evaluates the loss of pictures, counts, reports, and keeps the best of them.
class Observer {
 public:
  Observer(const at::Tensor& start,
           const std::function<LossTerms(const at::Tensor&)>& loss,
           std::int64_t evaluations,
           const std::function<Flow(const DescentReport&)>& report)
      : loss_(loss), evaluations_(evaluations), report_(report), best_(start.contiguous()) {}

  // Gradient of the total loss at `picture`.
  at::Tensor operator()(const at::Tensor& picture) {
    const at::AutoGradMode with_gradient(true);
    const at::Tensor leaf = picture.detach().requires_grad_(true);
    const LossTerms terms = loss_(leaf);
    terms.total.backward();
    ++done_;
    last_ = values_of(terms);
    require_finite(last_, done_);
    if (last_.total < lowest_.total) {
      lowest_ = last_;
      best_ = picture.detach().clone();
    }
    stopped_ = report_({.evaluation = done_, .loss = last_, .best = lowest_}) == Flow::kStop;
    return leaf.grad();
  }

  bool finished() const { return stopped_ || done_ >= evaluations_; }
  const LossValues& last() const { return last_; }
  const LossValues& lowest() const { return lowest_; }
  const at::Tensor& best() const { return best_; }

 private:
  const std::function<LossTerms(const at::Tensor&)>& loss_;
  const std::int64_t evaluations_;
  const std::function<Flow(const DescentReport&)>& report_;
  std::int64_t done_ = 0;
  bool stopped_ = false;
  LossValues last_;
  LossValues lowest_{.total = std::numeric_limits<double>::infinity()};
  at::Tensor best_;
};

// The picture as start + unit * z, and the loss times `factor`, so that dloss/dz is 1 in the mean
// at the start. libtorch's optimizers compare gradients and steps with absolute numbers, which a
// mean over a picture's pixels is far below.
class ScaledProblem {
 public:
  ScaledProblem(Observer& observer, const at::Tensor& start, double unit)
      : observer_(observer), start_(start), unit_(unit) {
    z_ = at::zeros_like(start).requires_grad_(true);
  }

  // Sets the gradient of z and returns the loss.
  at::Tensor evaluate() {
    const c10::NoGradGuard no_grad;
    const at::Tensor gradient = observer_(start_ + unit_ * z_) * unit_;
    if (factor_ == 0) {
      const double mean = gradient.abs().mean().item<double>();
      factor_ = mean > 0 ? 1 / mean : 1;
    }
    z_.mutable_grad() = (gradient * factor_).contiguous();  // as libtorch's L-BFGS needs it
    return at::scalar_tensor(observer_.last().total * factor_, at::kDouble);
  }

  const at::Tensor& variable() const { return z_; }

 private:
  Observer& observer_;
  const at::Tensor start_;
  const double unit_;
  double factor_ = 0;
  at::Tensor z_;
};

// Ends libtorch's L-BFGS in the middle of a line search.
struct Finished {};

// One run of L-BFGS from the best picture so far.
void run_lbfgs(Observer& observer, const DescentOptions& options) {
  const at::Tensor start = observer.best();
  // The first trial step has an L1 norm of 1 in z.
  ScaledProblem problem(observer, start, options.first_step * static_cast<double>(start.numel()));
  torch::optim::LBFGS optimizer({problem.variable()},
                                torch::optim::LBFGSOptions()
                                    .max_iter(options.evaluations)
                                    .max_eval(options.evaluations)
                                    .tolerance_grad(0)
                                    .tolerance_change(0)
                                    .history_size(options.history)
                                    .line_search_fn("strong_wolfe"));
  try {
    optimizer.step([&] {
      if (observer.finished()) throw Finished();
      return problem.evaluate();
    });
  } catch (const Finished&) {
  }
}

void run_adam(Observer& observer, const DescentOptions& options) {
  ScaledProblem problem(observer, observer.best(), 1);
  torch::optim::Adam optimizer({problem.variable()},
                               torch::optim::AdamOptions(options.learning_rate));
  while (!observer.finished()) {
    problem.evaluate();
    optimizer.step();
  }
}

}  // namespace

at::Tensor descend(const at::Tensor& start,
                   const std::function<LossTerms(const at::Tensor&)>& loss,
                   const DescentOptions& options,
                   const std::function<Flow(const DescentReport&)>& report) {
  Observer observer(start, loss, options.evaluations, report);
  if (options.method == DescentMethod::kAdam) {
    run_adam(observer, options);
    return observer.best();
  }
  // Rounding may leave a direction that does not descend, where L-BFGS ends: a new run starts with
  // the gradient alone. When that finds nothing better either, the descent is at its end.
  double before = std::numeric_limits<double>::infinity();
  while (!observer.finished()) {
    run_lbfgs(observer, options);
    if (!(observer.lowest().total < before)) break;
    before = observer.lowest().total;
  }
  return observer.best();
}

}  // namespace impasto
