#pragma once

#include <string>
#include <vector>

#include "impasto/nn/generator.h"
#include "impasto/style/style_model.h"

namespace impasto {

/// A generator with the model's tensors, on CPU in float32, in evaluation mode. Throws FormatError
/// for tensors that do not fit the model's config, and ConfigError for a config that does not
/// validate.
Generator make_generator(const StyleModel& model);

/// The generator's tensors as float32 host tensors, from any device; `training` of the result is
/// empty. Throws ConfigError unless there is a name for each style.
StyleModel make_style_model(const Generator& generator, std::vector<std::string> styles);

}  // namespace impasto
