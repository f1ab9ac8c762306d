#pragma once

#include <string>
#include <vector>

#include "impasto/nn/generator.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// A generator with the model's tensors, on CPU in float32, in evaluation mode.
Generator make_generator(const StyleModel& model);

/// The generator's tensors as float32 host tensors; `training` of the result is empty.
StyleModel make_style_model(const Generator& generator, std::vector<std::string> styles);

}  // namespace impasto
