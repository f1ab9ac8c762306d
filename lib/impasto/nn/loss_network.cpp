#include "impasto/nn/loss_network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "impasto/base/error.h"
#include "impasto/base/json.h"
#include "impasto/base/text.h"
#include "impasto/nn/mirror.h"
#include "impasto/nn/tensors.h"

namespace impasto {
namespace {

constexpr std::array<std::int64_t, 5> kChannels = {64, 128, 256, 512, 512};

struct Architecture {
  std::string name;
  std::array<int, 5> convolutions;  // between two poolings
};

const std::array<Architecture, 2>& architectures() {
  static const std::array<Architecture, 2> known = {{
      {"vgg16", {2, 2, 3, 3, 3}},
      {"vgg19", {2, 2, 4, 4, 4}},
  }};
  return known;
}

/// One convolution: its name here, and torchvision's.
struct LayerName {
  std::string number;
  std::string tensor;
  std::int64_t in;
  std::int64_t out;
  bool pools_first;
};

std::vector<LayerName> layer_names(const Architecture& architecture) {
  std::vector<LayerName> layers;
  std::int64_t in = 3;
  int position = 0;  // torchvision counts ReLU and pooling too
  for (std::size_t block = 0; block < kChannels.size(); ++block) {
    for (int i = 0; i < architecture.convolutions[block]; ++i) {
      layers.push_back({.number = std::to_string(block + 1) + "_" + std::to_string(i + 1),
                        .tensor = "features." + std::to_string(position),
                        .in = in,
                        .out = kChannels[block],
                        .pools_first = block > 0 && i == 0});
      in = kChannels[block];
      position += 2;
    }
    ++position;
  }
  return layers;
}

/// What the metadata says, or else the architecture whose names are found the most.
const Architecture& architecture_of(const TensorFile& file, const std::string& where) {
  const auto& known = architectures();
  if (const auto named = file.metadata.find("architecture"); named != file.metadata.end()) {
    for (const Architecture& candidate : known) {
      if (candidate.name == named->second) return candidate;
    }
    throw FormatError(where + ": metadata 'architecture': expected vgg16 or vgg19, found '" +
                      named->second + "'");
  }
  const auto matches = [&](const Architecture& candidate) {
    const auto names = layer_names(candidate);
    const auto found = std::count_if(names.begin(), names.end(), [&](const LayerName& layer) {
      return file.tensors.contains(layer.tensor + ".weight");
    });
    return static_cast<double>(found) / static_cast<double>(names.size());
  };
  return matches(known[1]) > matches(known[0]) ? known[1] : known[0];
}

at::Tensor read_tensor(const TensorFile& file,
                       const std::string& where,
                       const std::string& name,
                       const std::vector<std::int64_t>& shape) {
  const std::string place = where + ": tensor '" + name + "': ";
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    throw FormatError(place + "expected " + shape_string(shape) + ", found no such tensor");
  }
  if (found->second.shape != shape) {
    throw FormatError(place + "expected " + shape_string(shape) + ", found " +
                      shape_string(found->second.shape));
  }
  const at::Tensor tensor = to_tensor(found->second);
  if (!tensor.is_floating_point()) {
    throw FormatError(place + "expected a floating-point type, found " +
                      std::string(name_of(found->second.dtype)));
  }
  if (!at::isfinite(tensor).all().item<bool>()) {
    throw FormatError(place + "expected finite values, found infinity or NaN");
  }
  return tensor.to(at::kFloat);
}

/// A metadata entry such as "[0.485,0.456,0.406]", scaled from [0,1] to [0,255], as [1,3,1,1].
at::Tensor read_colour(const TensorFile& file,
                       const std::string& where,
                       const std::string& key,
                       std::array<double, 3> value) {
  if (const auto entry = file.metadata.find(key); entry != file.metadata.end()) {
    const std::string place = where + ": metadata '" + key + "'";
    const Json json = parse_json(entry->second, place);
    const bool numbers = json.is_array() && json.size() == value.size() &&
                         std::all_of(json.begin(), json.end(), [](const Json& number) {
                           return number.is_number();
                         });
    if (!numbers) {
      throw FormatError(place + ": expected a list of 3 numbers, found " + entry->second);
    }
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = json[i].get<double>();
  }
  return (at::tensor(at::ArrayRef<double>(value), at::kDouble) * 255.0)
      .to(at::kFloat)
      .reshape({1, 3, 1, 1});
}

}  // namespace

LossNetworkImpl::LossNetworkImpl(const TensorFile& file, const std::string& where) {
  const Architecture& architecture = architecture_of(file, where);
  architecture_ = architecture.name;
  mean_ = register_buffer("mean", read_colour(file, where, "mean", {0.485, 0.456, 0.406}));
  std_ = register_buffer("std", read_colour(file, where, "std", {0.229, 0.224, 0.225}));
  if (!(std_ > 0).all().item<bool>()) {
    throw FormatError(where + ": metadata 'std': expected 3 numbers above 0, found " +
                      file.metadata.at("std"));
  }
  for (const LayerName& name : layer_names(architecture)) {
    const std::vector<std::int64_t> shape = {name.out, name.in, 3, 3};
    // Channels last in memory, as the picture below: up to three times as fast in bfloat16.
    const at::Tensor weight = read_tensor(file, where, name.tensor + ".weight", shape)
                                  .contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor bias = read_tensor(file, where, name.tensor + ".bias", {name.out});
    layers_.push_back({.number = name.number,
                       .pools_first = name.pools_first,
                       .weight = register_buffer("weight" + name.number, weight),
                       .bias = register_buffer("bias" + name.number, bias)});
  }
}

std::vector<std::string> LossNetworkImpl::tap_names() const {
  std::vector<std::string> names;
  for (const Layer& layer : layers_) {
    names.push_back("conv" + layer.number);
    names.push_back("relu" + layer.number);
  }
  return names;
}

std::size_t LossNetworkImpl::depth_of(const std::set<std::string>& taps) const {
  const std::vector<std::string> names = tap_names();
  std::size_t depth = 0;
  for (const std::string& tap : taps) {
    const auto found = std::find(names.begin(), names.end(), tap);
    if (found == names.end()) {
      throw ConfigError("loss network: " + architecture_ + " has no layer '" + tap + "'" +
                        did_you_mean(tap, names));
    }
    const auto layer = static_cast<std::size_t>(found - names.begin()) / 2;
    depth = std::max(depth, layer + 1);
  }
  return depth;
}

void LossNetworkImpl::require_image(const at::Tensor& image, std::size_t depth) const {
  const auto end = layers_.begin() + static_cast<std::ptrdiff_t>(depth);
  const auto poolings =
      std::count_if(layers_.begin(), end, [](const Layer& layer) { return layer.pools_first; });
  // A mirror needs a pixel beside the outermost one.
  const std::int64_t least = std::int64_t{padding_ == Padding::kReflect ? 2 : 1} << poolings;
  if (image.dim() != 4 || image.size(0) < 1 || image.size(1) != 3 || image.size(2) < least ||
      image.size(3) < least) {
    throw ConfigError("loss network: layer " + layers_[depth - 1].number +
                      " needs pictures [N,3,H,W] with H and W of at least " +
                      std::to_string(least) + ", found " + shape_string(image.sizes().vec()));
  }
}

std::map<std::string, at::Tensor> LossNetworkImpl::forward(const at::Tensor& image,
                                                           const std::set<std::string>& taps) {
  std::map<std::string, at::Tensor> values;
  const std::size_t depth = depth_of(taps);
  if (depth == 0) return values;
  require_image(image, depth);

  at::Tensor x = ((image - mean_) / std_).contiguous(at::MemoryFormat::ChannelsLast);
  for (std::size_t i = 0; i < depth; ++i) {
    const Layer& layer = layers_[i];
    if (layer.pools_first) {
      x = pooling_ == Pooling::kMax ? at::max_pool2d(x, 2) : at::avg_pool2d(x, 2);
    }
    const bool reflects = padding_ == Padding::kReflect;
    x = at::conv2d(
        reflects ? mirrored(x, 1) : x, layer.weight, layer.bias, /*stride=*/1, reflects ? 0 : 1);
    const bool tapped = taps.contains("conv" + layer.number);
    if (tapped) values["conv" + layer.number] = x;
    x = tapped ? x.relu() : x.relu_();  // In place where nobody keeps the value before.
    if (taps.contains("relu" + layer.number)) values["relu" + layer.number] = x;
  }
  return values;
}

double LossNetworkImpl::flops(std::int64_t height,
                              std::int64_t width,
                              const std::set<std::string>& taps) const {
  double flops = 0;
  const std::size_t depth = depth_of(taps);
  for (std::size_t i = 0; i < depth; ++i) {
    if (layers_[i].pools_first) {
      height /= 2;
      width /= 2;
    }
    flops += 2 * static_cast<double>(layers_[i].weight.numel()) * static_cast<double>(height) *
             static_cast<double>(width);
  }
  return flops;
}

LossNetwork load_loss_network(const std::filesystem::path& path) {
  return LossNetwork(read_safetensors(path), path.string());
}

}  // namespace impasto
