#pragma once

// Private: not installed. The tables of fields of the public config structs; the tests read the
// docs from them.

#include "impasto/base/evaluate_config.h"
#include "impasto/base/fields.h"
#include "impasto/base/generator_config.h"
#include "impasto/base/optimize_config.h"
#include "impasto/base/stylize_config.h"
#include "impasto/base/train_config.h"

namespace impasto {

/// The tables point into `config`, which outlives them.
Fields fields_of(GeneratorConfig& config);
Fields fields_of(LossConfig& config);
Fields fields_of(TrainConfig& config);
Fields fields_of(StylizeConfig& config);
Fields fields_of(OptimizeConfig& config);
Fields fields_of(EvaluateConfig& config);

/// Fields that several programs have.
Field device_field(std::string& device);
Field precision_field(Precision& precision);
Field threads_field(int& threads);

/// Throws ConfigError for combinations that make no sense; `parent` stands in front of a field's
/// name in messages.
void check_combinations(const GeneratorConfig& config, const std::string& parent);

/// The same for losses, which every config keeps under `loss`.
void check_combinations(const LossConfig& config);

/// For programs that do not choose a style weight. Throws ConfigError where one should be chosen.
void require_fixed_style_weight(const LossConfig& config);

}  // namespace impasto
