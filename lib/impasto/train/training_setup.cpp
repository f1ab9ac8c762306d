#include "impasto/train/training_setup.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <string>

#include "impasto/base/error.h"
#include "impasto/nn/device.h"
#include "impasto/train/pictures.h"

namespace impasto {

c10::Device prepare_device(const RunConfig& run) {
  const auto device = resolve_device(run.device);
  set_compute_threads(run.threads);
  return device;
}

Generator seeded_generator(const TrainConfig& config, const c10::Device& device) {
  torch::manual_seed(static_cast<std::uint64_t>(config.data.seed));
  Generator generator(config.generator);
  generator->to(device);
  return generator;
}

Generator copy_of(const Generator& generator, const c10::Device& device) {
  Generator copy(generator->config());
  copy->to(device);
  restore_module(*copy, "", module_tensors(*generator, ""));
  return copy;
}

// Channels last, as photos and the generator's pictures are. On one core with AMX a step on one
// picture of 256x256 takes 0.44 s of CPU time then instead of 0.49 in bfloat16, and as long in
// float32.
LossNetwork prepared(LossNetwork network, const c10::Device& device) {
  network->to(device);
  for (auto& weight : network->buffers()) {
    if (weight.dim() == 4) {
      weight.set_data(weight.detach().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
  return network;
}

NamedTensors trained_parameters(const Generator& generator, bool rows_only) {
  NamedTensors trained;
  for (auto& parameter : generator->named_parameters()) {
    const bool is_row = parameter.key().find(".norm") != std::string::npos;
    parameter.value().set_requires_grad(!rows_only || is_row);
    if (!rows_only || is_row) trained.insert(parameter.key(), parameter.value());
  }
  return trained;
}

std::vector<at::Tensor> scaled_paintings(const std::vector<Image>& paintings,
                                         const TrainConfig& config,
                                         const c10::Device& device) {
  const std::size_t expected = config.style.images.size();
  if (paintings.size() != expected) {
    throw ConfigError("style.images: expected a painting for each of " + std::to_string(expected) +
                      ", found " + std::to_string(paintings.size()));
  }
  std::vector<at::Tensor> scaled;
  for (const auto& painting : paintings) {
    scaled.push_back(with_short_side(painting, config.style.image_size).to(device));
  }
  return scaled;
}

}  // namespace impasto
