#include "impasto/train/recorded_gradient.h"

#include <ATen/ATen.h>

#include <utility>

namespace impasto {
namespace {

at::Tensor copy_of(const at::Tensor& tensor) { return tensor.defined() ? tensor.clone() : tensor; }

void refill(at::Tensor& tensor, const at::Tensor& values) {
  if (tensor.defined()) tensor.copy_(values);
}

}  // namespace

RecordedGradient::RecordedGradient(const c10::Device& device,
                                   std::vector<at::Tensor> parameters,
                                   std::function<at::Tensor(const LearningBatch&)> work)
    : device_(device), parameters_(std::move(parameters)), work_(std::move(work)) {}

at::Tensor RecordedGradient::add(const LearningBatch& batch) {
  if (!std::exchange(has_run_, true)) return work_(batch);
  if (!recording_) record(batch);
  refill(batch_.photos, batch.photos);
  refill(batch_.paintings, batch.paintings);
  refill(batch_.style_weights, batch.style_weights);
  recording_->launch();
  add_gradients();
  return losses_;
}

// Into gradients of its own: with none there, a backward pass leaves them in memory of the
// recording's.
void RecordedGradient::record(const LearningBatch& batch) {
  batch_ = {copy_of(batch.photos), copy_of(batch.paintings), copy_of(batch.style_weights)};
  const auto so_far = take_gradients();
  recording_ = record_work(device_, [this] { losses_ = work_(batch_); });
  gradients_ = take_gradients();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    parameters_[i].mutable_grad() = so_far[i];
    sums_.push_back(at::empty_like(gradients_[i]));
  }
}

std::vector<at::Tensor> RecordedGradient::take_gradients() {
  std::vector<at::Tensor> taken;
  for (auto& parameter : parameters_) {
    taken.push_back(std::exchange(parameter.mutable_grad(), at::Tensor()));
  }
  return taken;
}

void RecordedGradient::add_gradients() {
  if (parameters_[0].grad().defined()) {
    std::vector<at::Tensor> sums;
    for (const auto& parameter : parameters_) sums.push_back(parameter.grad());
    at::_foreach_add_(sums, gradients_);
    return;
  }
  at::_foreach_copy_(sums_, gradients_);
  for (std::size_t i = 0; i < parameters_.size(); ++i) parameters_[i].mutable_grad() = sums_[i];
}

}  // namespace impasto
