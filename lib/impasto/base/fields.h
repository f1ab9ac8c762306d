#pragma once

// Private: not installed. One table of fields per options struct; everything that has to know the
// fields (reading, writing, overrides, ranges, help, schema, docs) goes through it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "impasto/base/json.h"

namespace impasto {

struct Field;
using Fields = std::vector<Field>;

/// An enum: its names in the order of the enumerators.
struct Choice {
  std::vector<std::string> names;
  std::function<std::size_t()> get;
  std::function<void(std::size_t)> set;
};

template <class Enum>
Choice choice(Enum& target, std::vector<std::string> names) {
  return {std::move(names),
          [&target] { return static_cast<std::size_t>(target); },
          [&target](std::size_t index) { target = static_cast<Enum>(index); }};
}

/// Two paths that belong together, as one text: "first=second", or "second" where the first is
/// empty. Of several equal signs the last divides.
using PathPair = std::pair<std::filesystem::path, std::filesystem::path>;

/// Where a field's value lives; `Fields` is a struct within the struct.
using Target = std::variant<bool*,
                            int*,
                            std::int64_t*,
                            double*,
                            std::string*,
                            std::filesystem::path*,
                            std::vector<std::string>*,
                            std::vector<std::filesystem::path>*,
                            std::vector<PathPair>*,
                            std::map<std::string, double>*,
                            Choice,
                            Fields>;

/// What a number, or each number of a map, may be.
struct Bounds {
  double min = -std::numeric_limits<double>::infinity();
  bool above_min = false;  ///< `min` itself is excluded.
  double max = std::numeric_limits<double>::infinity();
  bool below_max = false;  ///< `max` itself is excluded.
};

/// What a text must look like: a regular expression for the whole of it, and the same in words.
struct Form {
  std::string pattern;
  std::string words;
};

struct Field {
  std::string name;
  Target target;
  std::string text;  ///< What it is, for help and docs: sentences.
  Bounds bounds = {};
  Form form = {};
  bool required = false;   ///< The value may not be empty.
  bool resumable = false;  ///< A resumed run may change it.
};

/// Where values come from: what to call it in messages, and the folder that relative paths start
/// from.
struct Source {
  std::string where;
  std::filesystem::path folder;
};

/// Sets the fields that a JSON object names; the others keep their values. A map is replaced whole.
/// A key `$schema` at the top is for editors and passed over. Throws ConfigError
/// `<where>: <path>: expected ..., found ...` for an unknown key, a value of the wrong kind or one
/// out of range, and with line and column where `text` is no JSON.
void read_fields(const Fields& fields, std::string_view text, const Source& source);

/// Applies `key.path=value`. The field's kind decides how the value is read: text and paths stand
/// bare or in double quotes, numbers and booleans as in JSON, lists and maps as JSON or, with one
/// entry, as `list=value` and `map.key=number`. Relative paths start from the working directory.
void apply_override(const Fields& fields, const std::string& override_text);

/// A whole config file: reads it (relative paths start from its folder), applies the overrides in
/// order, and makes every path absolute. Throws IoError when the file cannot be read.
void read_config(const Fields& fields,
                 const std::filesystem::path& file,
                 const std::vector<std::string>& overrides);

/// Every field with its value, in the table's order.
Json write_fields(const Fields& fields);

/// Throws ConfigError `<path>: expected ..., found ...` for a value that is out of range, or empty
/// and required: what a program that fills the struct itself can get wrong.
void check_fields(const Fields& fields);

/// A field whose value differs between two tables of one struct.
struct FieldDifference {
  std::string path;
  Json before;
  Json after;
  bool resumable;  ///< As `after` has it.
};

/// In the tables' order.
std::vector<FieldDifference> differences(const Fields& before, const Fields& after);

/// Makes every path absolute, from the working directory.
void make_paths_absolute(const Fields& fields);

/// A whole number without a fraction part: 16, not 16.0.
Json number_json(double value);

/// "from 1 to 16", "above 0 and at most 1", or "" where everything goes.
std::string bounds_text(const Bounds& bounds);

/// "an integer from 1 to 16"
std::string expected_value(const Field& field);

}  // namespace impasto
