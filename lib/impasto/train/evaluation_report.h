#pragma once

#include <string>

#include "impasto/train/evaluation.h"

// What an evaluation is shown as. Totals are of the weighted losses; lower is better.

namespace impasto {

/// A line a photo and one for the mean, in columns, then one sentence on where the model falls.
std::string evaluation_table(const Evaluation& evaluation);

/// One JSON object, indented. docs/training.md lists its keys.
std::string to_json(const Evaluation& evaluation);

/// A self-contained SVG picture: the mean loss of L-BFGS over its evaluations, with the model's and
/// the photos' own (Johnson et al. 2016, figure 5). `title` is free text. Throws ConfigError
/// without a comparison.
std::string evaluation_svg(const Evaluation& evaluation, const std::string& title);

/// "as good as 37 evaluations of L-BFGS", "better than 100 evaluations of L-BFGS", "worse than the
/// photos themselves".
std::string placement_text(const std::vector<LossValues>& lbfgs, double total);

}  // namespace impasto
