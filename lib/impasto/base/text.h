#pragma once

#include <span>
#include <string>
#include <string_view>

namespace impasto {

/// The candidate with the smallest edit distance to `name`, or "" when none is close enough to be a
/// likely slip.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

/// ", did you mean 'x'?" or "" when nothing is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// ASCII letters in lower case, as file name extensions are compared.
std::string lower_case(std::string text);

/// Control characters but for line breaks as '?': names from strangers' files reach messages, and
/// must not steer the terminal.
std::string printable(std::string text);

/// "a, b, c"
std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

}  // namespace impasto
