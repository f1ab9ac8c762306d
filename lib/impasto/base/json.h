#pragma once

// Private: not installed. Public headers keep nlohmann-json out of applications.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace impasto {

/// Keeps the order of keys, so that what a user wrote is reported and written back in that order.
using Json = nlohmann::ordered_json;

/// Strict JSON: nlohmann's parser, which by itself takes the last of several equal keys. Throws
/// FormatError that starts with `where` and gives line and column for a syntax error (text after
/// the value is one), the key for one that stands twice, and refuses nesting deeper than 64 levels.
Json parse_json(std::string_view text, const std::string& where);

/// The value as JSON text, on one line or indented. Throws ConfigError that starts with `where` for
/// a string that is not UTF-8, which JSON cannot hold.
std::string to_text(const Json& value, const std::string& where, int indent = -1);

/// The value as a message shows it: `'text'`, `2.7`, `true`, `null`, `a list`, `an object`.
std::string describe(const Json& value);

}  // namespace impasto
