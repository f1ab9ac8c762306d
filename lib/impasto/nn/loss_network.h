#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "impasto/base/safetensors.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// VGG16 or VGG19 (Simonyan, Zisserman 2014) up to its last convolution, frozen, with its inner
/// values by name: `relu1_1` ... `relu5_3` (`relu5_4` in VGG19), and `conv1_1` ... for the values
/// before the ReLU.
class LossNetworkImpl : public torch::nn::Module {
 public:
  /// `file` has torchvision's names (`features.0.weight` ...) with float32, float16 or bfloat16
  /// values; other tensors, such as the classifier's, are not looked at. `where` stands for its
  /// path in messages. Its metadata may give `architecture` (`vgg16` or `vgg19`; else told from the
  /// names), and `mean` and `std` of RGB in [0,1] as JSON lists (else torchvision's ImageNet
  /// values). Throws FormatError that names the tensor which is missing, of another shape or type,
  /// or not finite.
  LossNetworkImpl(const TensorFile& file, const std::string& where);

  /// The values at `taps` for `image` [N,3,H,W], RGB in [0,255]: each [N,C,h,w], with h and w
  /// halved, rounding down, by every pooling before it. Layers beyond the deepest tap are not run.
  /// Gradients reach `image`, never the weights. Throws ConfigError for an unknown tap, and for
  /// pictures that pooling would shrink to nothing.
  std::map<std::string, at::Tensor> forward(const at::Tensor& image,
                                            const std::set<std::string>& taps);

  /// Floating-point operations of the convolutions that `forward` runs for one picture, two for
  /// each product of a weight and a value. Throws ConfigError for an unknown tap.
  double flops(std::int64_t height, std::int64_t width, const std::set<std::string>& taps) const;

  /// `vgg16` or `vgg19`.
  const std::string& architecture() const { return architecture_; }

  /// Every name that may be tapped, in order of depth.
  std::vector<std::string> tap_names() const;

  /// `max` as trained, or `average` as Gatys, Ecker, Bethge 2016 prefer (section 2).
  void set_pooling(Pooling pooling) { pooling_ = pooling; }

  /// What its convolutions see beyond the edge: `zero` as trained, or `reflect`, the mirrored
  /// features, as Huang, Belongie 2017 do. Nothing but black lies beyond the edge for the former,
  /// which a generator in training learns to fight with a coloured frame.
  void set_padding(Padding padding) { padding_ = padding; }

 private:
  struct Layer {
    std::string number;  // "2_1": the first convolution after the first pooling
    bool pools_first;
    at::Tensor weight;  // [out,in,3,3]
    at::Tensor bias;    // [out]
  };

  /// How many of the layers have to run for `taps`; 0 for none.
  std::size_t depth_of(const std::set<std::string>& taps) const;

  void require_image(const at::Tensor& image, std::size_t depth) const;

  std::string architecture_;
  Pooling pooling_ = Pooling::kMax;
  Padding padding_ = Padding::kZero;
  // Buffers: the network is frozen, and no optimizer may find anything here.
  at::Tensor mean_;  // [1,3,1,1], of RGB in [0,255]
  at::Tensor std_;
  std::vector<Layer> layers_;
};
/// A shared handle of LossNetworkImpl.
TORCH_MODULE(LossNetwork);

/// Throws IoError or FormatError.
LossNetwork load_loss_network(const std::filesystem::path& path);

}  // namespace impasto
