#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "impasto/base/host_tensor.h"
#include "impasto/base/train_config.h"
#include "impasto/nn/cuda_graph.h"
#include "impasto/train/adam.h"
#include "impasto/train/named_tensors.h"

namespace impasto {

/// Moves the trained parameters: all with Adam (adam.h), or with OptimizerKind::kMuon the
/// convolutions between the first and the last with Muon (muon.h) and the others, which are no
/// matrices between features, with Adam; OptimizerKind::kSgd subtracts the rate times the gradient
/// from all.
class Optimizer {
 public:
  /// `output_gain` multiplies the rate of the last convolution's parameters (`output.*`): those of
  /// one that gives pixel values are hundreds of times as large as others.
  Optimizer(const NamedTensors& parameters, const OptimizerConfig& config, double output_gain = 1);

  void zero_grad();

  /// `factor` multiplies the configured rate.
  void step(double factor);

  /// From now on the step is recorded once and launched as a whole (cuda_graph.h): gradients always
  /// lie where they lie at the step after the next.
  void record_on(const c10::Device& device);

  /// State for a checkpoint: Adam's (adam.h) and `muon.momentum.NAME`.
  std::map<std::string, HostTensor> state() const;

  /// The reverse, from among other tensors. Throws FormatError that names the tensor which is
  /// missing or has another shape.
  void restore(const std::map<std::string, HostTensor>& tensors);

 private:
  /// Weights of one shape [out,in,kh,kw], which Muon moves together.
  struct Matrices {
    std::vector<std::string> names;
    std::vector<at::Tensor> weights;
    at::Tensor momentum;  // [weights,out,in,kh,kw]
  };

  void move();

  const OptimizerConfig config_;
  const double output_gain_;
  // Where the weights are: a recording holds addresses and no numbers.
  at::Tensor rate_;
  at::Tensor output_rate_;
  NamedTensors parameters_;
  std::vector<Matrices> matrices_;
  NamedTensors plain_;  // moved by the gradient alone
  Adam inner_;
  Adam output_;
  std::optional<RepeatedWork> recorded_;
};

}  // namespace impasto
