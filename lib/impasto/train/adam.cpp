#include "impasto/train/adam.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

constexpr const char* kSteps = "adam.steps";
constexpr double kEpsilon = 1e-8;

// The fused step walks through memory: everything of a parameter has to lie there alike.
at::Tensor laid_out_as(const at::Tensor& parameter, const at::Tensor& gradient) {
  return gradient.strides() == parameter.strides() ? gradient
                                                   : at::empty_like(parameter).copy_(gradient);
}

}  // namespace

Adam::Adam(const NamedTensors& parameters, double beta1, double beta2)
    : beta1_(beta1), beta2_(beta2) {
  for (const auto& parameter : parameters) {
    names_.push_back(parameter.key());
    parameters_.push_back(parameter.value());
    means_.push_back(at::zeros_like(parameter.value()));
    squares_.push_back(at::zeros_like(parameter.value()));
  }
  if (!parameters_.empty()) {
    steps_ = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(parameters_[0].device()));
  }
}

void Adam::step(const at::Tensor& rate) {
  if (parameters_.empty()) return;
  const c10::NoGradGuard no_grad;
  steps_.add_(1);
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : parameters_) {
    gradients.push_back(laid_out_as(parameter, parameter.grad()));
  }
  at::_fused_adam_(parameters_,
                   gradients,
                   means_,
                   squares_,
                   /*max_exp_avg_sqs=*/{},
                   std::vector<at::Tensor>(parameters_.size(), steps_),
                   rate,
                   beta1_,
                   beta2_,
                   /*weight_decay=*/0.0,
                   kEpsilon,
                   /*amsgrad=*/false,
                   /*maximize=*/false);
}

void Adam::store(std::map<std::string, HostTensor>& tensors) const {
  if (parameters_.empty() || steps_.item<float>() == 0) return;
  tensors[kSteps] = to_host_tensor(steps_.to(at::kLong));
  for (std::size_t i = 0; i < names_.size(); ++i) {
    tensors["adam.mean." + names_[i]] = to_host_tensor(means_[i]);
    tensors["adam.square." + names_[i]] = to_host_tensor(squares_[i]);
  }
}

void Adam::restore(const std::map<std::string, HostTensor>& tensors) {
  if (parameters_.empty()) return;
  const bool has_stepped = tensors.contains(kSteps);
  steps_.copy_(has_stepped ? named_tensor(tensors, kSteps, {}) : at::zeros({}));
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (has_stepped) {
      means_[i].copy_(named_tensor(tensors, "adam.mean." + names_[i], means_[i].sizes()));
      squares_[i].copy_(named_tensor(tensors, "adam.square." + names_[i], squares_[i].sizes()));
    } else {
      means_[i].zero_();
      squares_[i].zero_();
    }
  }
}

}  // namespace impasto
