#pragma once

#include <cstddef>
#include <vector>

#include "impasto/style/style_model.h"

namespace impasto {

/// The generator as a TorchScript program, the bytes of a .pt file, which torch.jit.load and
/// libtorch's torch::jit::load read: written without libtorch.
///
/// forward(image) takes and returns RGB in [0,255], float [N,3,H,W], the result neither rounded nor
/// clamped. Sides are at least 16; those that are no multiples of 4 are mirrored up and cropped
/// again, as the engine does. A model of several styles has forward(image, style_weights), the
/// second [N,styles] or [1,styles]: the share of each style. The module's buffers have the tensors'
/// names with _ in place of the dots; it may be moved to a device and turned into half precision.
/// With `half` they are float16 in the file, and every forward turns them into float32.
///
/// Throws FormatError for a model that is not valid.
std::vector<std::byte> to_torchscript(const StyleModel& model, bool half = false);

}  // namespace impasto
