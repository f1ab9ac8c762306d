#include "impasto/interop/export_model.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/interop/network_names.h"

namespace impasto {
namespace {

HostTensor row_of(const HostTensor& rows, int row) {
  const auto size = rows.data.size() / static_cast<std::size_t>(rows.shape[0]);
  const auto bytes = std::span(rows.data).subspan(size * static_cast<std::size_t>(row), size);
  return {rows.dtype, {rows.shape[1]}, {bytes.begin(), bytes.end()}};
}

/// For a model that is valid.
void require_examples_network(const GeneratorConfig& config) {
  const auto require = [](bool holds, const std::string& field, const std::string& expected) {
    if (holds) return;
    throw ConfigError("generator: " + field + ": expected " + expected +
                      ", which is all that pytorch/examples' network has; export ONNX instead");
  };
  require(config.norm == Norm::kInstance,
          "norm",
          "'instance' (of a model of several styles, one is chosen with --style)");
  require(config.upsample == Upsample::kNearestConv, "upsample", "'nearest_conv'");
  require(config.encoder_activation == Activation::kRelu, "encoder_activation", "'relu'");
  require(config.decoder_activation == Activation::kRelu, "decoder_activation", "'relu'");
  require(config.output == Output::kLinear, "output", "'linear'");
  require(!config.skip_connections, "skip_connections", "false");
  require(config.block == Block::kStandard, "block", "'standard'");
}

}  // namespace

StyleModel with_one_style(const StyleModel& model, int style) {
  model.validate("model");
  if (style < 0 || style >= model.generator.styles) {
    throw ConfigError("style: expected a number from 0 to " +
                      std::to_string(model.generator.styles - 1) + ", found " +
                      std::to_string(style));
  }
  StyleModel result = model;
  result.styles = {model.styles[static_cast<std::size_t>(style)]};
  if (model.generator.norm != Norm::kConditionalInstance) return result;
  result.generator.norm = Norm::kInstance;
  result.generator.styles = 1;
  for (auto& [name, tensor] : result.tensors) {
    if (tensor.shape.size() == 2) tensor = row_of(tensor, style);
  }
  return result;
}

TensorFile to_examples_tensors(const StyleModel& model) {
  model.validate("model");
  require_examples_network(model.generator);
  TensorFile file;
  file.metadata = {{"format", "pt"}};
  for (const auto& [ours, theirs] : examples_dialect().modules(model.generator.residual_blocks)) {
    const HostTensor& weight = model.tensors.at(ours + ".weight");
    file.tensors[theirs + ".weight"] = weight;
    const auto bias = model.tensors.find(ours + ".bias");
    const std::int64_t channels = weight.shape[0];
    file.tensors[theirs + ".bias"] =
        bias != model.tensors.end()
            ? bias->second
            : HostTensor::from_floats({channels},
                                      std::vector<float>(static_cast<std::size_t>(channels)))
                  .converted_to(weight.dtype);
  }
  return file;
}

}  // namespace impasto
