#pragma once

// Private: not installed.

#include <torch/optim/adam.h>

#include <map>
#include <string>
#include <vector>

#include "impasto/base/host_tensor.h"
#include "impasto/base/train_config.h"
#include "impasto/train/named_tensors.h"

namespace impasto {

/// Moves the trained parameters: all with Adam (Kingma, Ba 2015, algorithm 1), or with
/// OptimizerKind::kMuon the convolutions between the first and the last with Muon (muon.h) and the
/// others, which are no matrices between features, with Adam; OptimizerKind::kSgd subtracts the
/// rate times the gradient from all.
class Optimizer {
 public:
  /// `output_gain` multiplies the rate of the last convolution's parameters (`output.*`): those of
  /// one that gives pixel values are hundreds of times as large as others.
  Optimizer(const NamedTensors& parameters, const OptimizerConfig& config, double output_gain = 1);

  void zero_grad();

  /// `factor` multiplies the configured rate.
  void step(double factor);

  /// State for a checkpoint: `adam.mean.NAME`, `adam.square.NAME` (the moments m and v), the number
  /// `adam.steps` and `muon.momentum.NAME`; of Adam's nothing before the first step.
  std::map<std::string, HostTensor> state();

  /// The reverse, from among other tensors. Throws FormatError that names the tensor which is
  /// missing or has another shape.
  void restore(const std::map<std::string, HostTensor>& tensors);

 private:
  struct Matrix {
    std::string name;
    at::Tensor weights;
    at::Tensor momentum;
  };

  const OptimizerConfig config_;
  const double output_gain_;
  std::vector<Matrix> matrices_;
  NamedTensors plain_;   // moved by the gradient alone
  NamedTensors others_;  // moved by Adam
  torch::optim::Adam adam_;
};

}  // namespace impasto
