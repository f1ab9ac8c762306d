#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "impasto/base/safetensors.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// VGG16 or VGG19 (Simonyan, Zisserman 2014) up to its last convolution, frozen, with its inner values by name:
/// `relu1_1` ... `relu5_3` (`relu5_4` in VGG19), and `conv1_1` ... for the value before the ReLU.
class LossNetworkImpl : public torch::nn::Module {
 public:
  /// `file` has torchvision's names (`features.0.weight` ...); `where` stands for its path in messages. Its metadata may give
  /// `architecture` (else told from the number of convolutions), and `mean` and `std` of RGB in [0,1] (else
  /// torchvision's ImageNet values). Throws FormatError that names the tensor.
  LossNetworkImpl(const TensorFile& file, const std::string& where);

  /// The values at `taps` for `image` [N,3,H,W], RGB in [0,255]. Layers beyond the deepest tap are not run. Gradients reach `image`, never the weights. Throws
  /// ConfigError for an unknown tap.
  std::map<std::string, torch::Tensor> forward(const torch::Tensor& image,
                                               const std::set<std::string>& taps);

  const std::string& architecture() const { return architecture_; }

  /// Every name that may be tapped, in order of depth.
  std::vector<std::string> tap_names() const;

  void set_pooling(Pooling pooling) { pooling_ = pooling; }

 private:
  std::string architecture_;
  Pooling pooling_ = Pooling::kMax;
};
TORCH_MODULE(LossNetwork);

/// Throws IoError or FormatError.
LossNetwork load_loss_network(const std::filesystem::path& path);

}  // namespace impasto
