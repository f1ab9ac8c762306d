#include "impasto/base/fields.h"

#include <algorithm>
#include <cmath>
#include <regex>
#include <sstream>

#include "impasto/base/error.h"
#include "impasto/base/file.h"
#include "impasto/base/text.h"

namespace impasto {

namespace {

namespace fs = std::filesystem;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // Implied by C++20, but not in Clang before 17.

std::string child_path(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

/// A value's place, for messages.
struct Place {
  const Source& source;
  std::string path;  ///< Empty: the whole.

  Place child(const std::string& name) const { return {source, child_path(path, name)}; }

  [[noreturn]] void fail(const std::string& what) const {
    throw ConfigError(source.where + ": " + (path.empty() ? "" : path + ": ") + what);
  }

  [[noreturn]] void fail_expected(const std::string& expected, const Json& found) const {
    fail("expected " + expected + ", found " + describe(found));
  }
};

bool within(const Bounds& bounds, double value) {
  return std::isfinite(value) && (bounds.above_min ? value > bounds.min : value >= bounds.min) &&
         (bounds.below_max ? value < bounds.max : value <= bounds.max);
}

std::string number_text(double value) { return number_json(value).dump(); }

/// "a number" with its bounds: "a number from 1 to 16", "a number of at least 0", "a number above
/// 0".
std::string with_bounds(const std::string& kind, const Bounds& bounds) {
  const std::string text = bounds_text(bounds);
  if (text.empty()) return kind;
  return kind + (text.starts_with("at ") ? " of " : " ") + text;
}

std::string quoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted_names;
  for (const std::string& name : names) quoted_names.push_back("'" + name + "'");
  return join(quoted_names);
}

void collect_paths(const Fields& fields,
                   const std::string& parent,
                   std::vector<std::string>& paths) {
  for (const Field& field : fields) {
    const std::string path = child_path(parent, field.name);
    paths.push_back(path);
    if (const auto* section = std::get_if<Fields>(&field.target)) {
      collect_paths(*section, path, paths);
    }
  }
}

/// Fails for a key that is not in `fields`: with the nearest known one, with the section that has a
/// field of that name, or with all keys.
[[noreturn]] void fail_unknown_key(const Place& place,
                                   const Fields& root,
                                   const Fields& fields,
                                   const std::string& key) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(field.name);
  const std::string what = "unknown key '" + key + "'";
  const std::string guess = did_you_mean(key, names);
  if (!guess.empty()) place.fail(what + guess);
  std::vector<std::string> paths;
  collect_paths(root, "", paths);
  for (const std::string& path : paths) {
    if (path.ends_with("." + key)) place.fail(what + ", did you mean '" + path + "'?");
  }
  place.fail(what + ", expected one of " + quoted(names));
}

const Field* find_field(const Fields& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

/// Reads JSON values into targets.
class Reader {
 public:
  Reader(const Fields& root, const Source& source) : root_(root), source_(source) {}

  void read_section(const Fields& fields, const Json& object, const Place& place) const {
    if (!object.is_object()) place.fail_expected("an object", object);
    for (const auto& [key, value] : object.items()) {
      const Field* field = find_field(fields, key);
      if (field == nullptr) fail_unknown_key(place, root_, fields, key);
      read(*field, value, place.child(key));
    }
  }

  void read(const Field& field, const Json& value, const Place& place) const {
    std::visit(
        Overloaded{
            [&](bool* target) {
              if (!value.is_boolean()) place.fail_expected(expected_value(field), value);
              *target = value.get<bool>();
            },
            [&](int* target) { *target = integer<int>(field, value, place); },
            [&](std::int64_t* target) { *target = integer<std::int64_t>(field, value, place); },
            [&](double* target) { *target = number(field, value, place); },
            [&](std::string* target) { *target = text(field, value, place); },
            [&](fs::path* target) { *target = path(text(field, value, place)); },
            [&](std::vector<std::string>* target) {
              *target = list<std::string>(field, value, place, [](std::string s) { return s; });
            },
            [&](std::vector<fs::path>* target) {
              *target = list<fs::path>(
                  field, value, place, [&](const std::string& s) { return path(s); });
            },
            [&](std::vector<PathPair>* target) {
              *target = list<PathPair>(field, value, place, [&](const std::string& s) {
                const std::size_t equals = s.rfind('=');
                const bool single = equals == std::string::npos;
                return PathPair{path(single ? "" : s.substr(0, equals)),
                                path(single ? s : s.substr(equals + 1))};
              });
            },
            [&](std::map<std::string, double>* target) {
              if (!value.is_object()) place.fail_expected(expected_value(field), value);
              std::map<std::string, double> entries;
              for (const auto& [key, entry] : value.items()) {
                entries[key] = number(field, entry, place.child(key));
              }
              *target = std::move(entries);
            },
            [&](const Choice& target) { target.set(index(target, value, place)); },
            [&](const Fields& section) { read_section(section, value, place); },
        },
        field.target);
  }

  double number(const Field& field, const Json& value, const Place& place) const {
    if (!value.is_number() || !within(field.bounds, value.get<double>())) {
      place.fail_expected(with_bounds("a number", field.bounds), value);
    }
    return value.get<double>();
  }

 private:
  template <class Integer>
  Integer integer(const Field& field, const Json& value, const Place& place) const {
    const bool fits =
        value.is_number_unsigned()
            ? std::in_range<Integer>(value.get<std::uint64_t>())
            : value.is_number_integer() && std::in_range<Integer>(value.get<std::int64_t>());
    if (!fits || !within(field.bounds, value.get<double>())) {
      place.fail_expected(expected_value(field), value);
    }
    return value.get<Integer>();
  }

  std::string text(const Field& field, const Json& value, const Place& place) const {
    if (!value.is_string() ||
        (!field.form.pattern.empty() &&
         !std::regex_match(value.get_ref<const std::string&>(), std::regex(field.form.pattern)))) {
      place.fail_expected(expected_value(field), value);
    }
    return value.get<std::string>();
  }

  fs::path path(const std::string& text) const {
    return text.empty() ? fs::path() : (source_.folder / text).lexically_normal();
  }

  template <class Element, class Convert>
  std::vector<Element> list(const Field& field,
                            const Json& value,
                            const Place& place,
                            const Convert& convert) const {
    if (!value.is_array()) place.fail_expected(expected_value(field), value);
    std::vector<Element> elements;
    for (const Json& element : value) {
      const Place at = place.child(std::to_string(elements.size()));
      if (!element.is_string()) at.fail_expected("text", element);
      elements.push_back(convert(element.get<std::string>()));
    }
    return elements;
  }

  std::size_t index(const Choice& target, const Json& value, const Place& place) const {
    const std::string expected = "one of " + quoted(target.names);
    if (!value.is_string()) place.fail_expected(expected, value);
    const auto& name = value.get_ref<const std::string&>();
    const auto found = std::ranges::find(target.names, name);
    if (found == target.names.end()) {
      place.fail("expected " + expected + ", found " + describe(value) +
                 did_you_mean(name, target.names));
    }
    return static_cast<std::size_t>(found - target.names.begin());
  }

  const Fields& root_;
  const Source& source_;
};

/// The text as JSON, or as a plain string when it is none: then the reader says what it expected
/// instead.
Json json_or_text(const std::string& text, const std::string& where) {
  try {
    return parse_json(text, where);
  } catch (const FormatError&) {
    return text;
  }
}

Json text_value(const std::string& text, const std::string& where) {
  const bool in_quotes = text.size() > 1 && text.front() == '"' && text.back() == '"';
  return in_quotes ? json_or_text(text, where) : Json(text);
}

/// The right side of an override, as JSON for `target`.
Json override_value(const Target& target, const std::string& text, const std::string& where) {
  const auto as_text = [&](const auto&) { return text_value(text, where); };
  const auto as_list = [&](const auto&) {
    if (text.empty()) return Json::array();
    if (text.starts_with("[")) return json_or_text(text, where);
    return Json::array({text_value(text, where)});
  };
  return std::visit(Overloaded{
                        [&](std::string* const& s) { return as_text(s); },
                        [&](fs::path* const& s) { return as_text(s); },
                        [&](const Choice& s) { return as_text(s); },
                        [&](std::vector<std::string>* const& s) { return as_list(s); },
                        [&](std::vector<fs::path>* const& s) { return as_list(s); },
                        [&](std::vector<PathPair>* const& s) { return as_list(s); },
                        [&](const auto&) { return json_or_text(text, where); },
                    },
                    target);
}

void check(const Fields& fields, const std::string& parent);

void check(const Field& field, const std::string& path) {
  const auto fail = [&](const std::string& path_of_value, const std::string& found) {
    throw ConfigError(path_of_value + ": expected " + expected_value(field) + ", found " + found);
  };
  const auto check_number = [&](const std::string& path_of_value, double value) {
    if (!within(field.bounds, value)) fail(path_of_value, number_text(value));
  };
  const auto check_list = [&](const auto& list) {
    if (field.required && list.empty()) fail(path, "none");
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].empty()) fail(path, "an empty entry at " + std::to_string(i));
    }
  };
  std::visit(Overloaded{
                 [](bool*) {},
                 [](const Choice&) {},
                 [&](int* value) { check_number(path, *value); },
                 [&](std::int64_t* value) { check_number(path, static_cast<double>(*value)); },
                 [&](double* value) { check_number(path, *value); },
                 [&](std::string* value) {
                   if (!field.form.pattern.empty() &&
                       !std::regex_match(*value, std::regex(field.form.pattern))) {
                     fail(path, "'" + *value + "'");
                   }
                 },
                 [&](fs::path* value) {
                   if (field.required && value->empty()) fail(path, "none");
                 },
                 [&](std::vector<std::string>* value) { check_list(*value); },
                 [&](std::vector<fs::path>* value) { check_list(*value); },
                 [&](std::vector<PathPair>* value) {
                   std::vector<fs::path> seconds;
                   for (const PathPair& pair : *value) seconds.push_back(pair.second);
                   check_list(seconds);
                 },
                 [&](std::map<std::string, double>* value) {
                   for (const auto& [key, number] : *value)
                     check_number(child_path(path, key), number);
                 },
                 [&](const Fields& section) { check(section, path); },
             },
             field.target);
}

void check(const Fields& fields, const std::string& parent) {
  for (const Field& field : fields) check(field, child_path(parent, field.name));
}

void collect_differences(const Fields& before,
                         const Json& old_values,
                         const Fields& after,
                         const Json& new_values,
                         const std::string& parent,
                         std::vector<FieldDifference>& found) {
  for (std::size_t i = 0; i < after.size(); ++i) {
    const Field& field = after[i];
    const Json& old_value = old_values.at(field.name);
    const Json& new_value = new_values.at(field.name);
    const std::string path = child_path(parent, field.name);
    if (const auto* section = std::get_if<Fields>(&field.target)) {
      const auto& old_section = std::get<Fields>(before[i].target);
      collect_differences(old_section, old_value, *section, new_value, path, found);
    } else if (old_value != new_value) {
      found.push_back({path, old_value, new_value, field.resumable});
    }
  }
}

}  // namespace

void read_fields(const Fields& fields, std::string_view text, const Source& source) {
  Json object;
  try {
    object = parse_json(text, source.where);
  } catch (const FormatError& error) {
    throw ConfigError(error.what());
  }
  if (object.is_object()) object.erase("$schema");
  Reader(fields, source).read_section(fields, object, {source, ""});
}

void apply_override(const Fields& fields, const std::string& override_text) {
  const Source source{"--set " + override_text, fs::current_path()};
  const Place whole{source, ""};
  const std::size_t equals = override_text.find('=');
  if (equals == std::string::npos || equals == 0) whole.fail("expected key=value");
  const std::string key = override_text.substr(0, equals);
  const std::string value = override_text.substr(equals + 1);
  const Reader reader(fields, source);

  const Fields* section = &fields;
  std::string path;
  std::istringstream names(key);
  for (std::string name; std::getline(names, name, '.');) {
    const Field* field = find_field(*section, name);
    if (field == nullptr) fail_unknown_key({source, path}, fields, *section, name);
    path = child_path(path, name);
    if (path == key) {
      reader.read(*field, override_value(field->target, value, source.where), {source, path});
      return;
    }
    if (auto* const* map = std::get_if<std::map<std::string, double>*>(&field->target)) {
      const std::string entry = key.substr(path.size() + 1);
      const Json number = json_or_text(value, source.where);
      (**map)[entry] = reader.number(*field, number, {source, key});
      return;
    }
    section = std::get_if<Fields>(&field->target);
    if (section == nullptr) {
      whole.fail("'" + path + "' is " + expected_value(*field) + " and has no keys of its own");
    }
  }
  whole.fail("expected key=value");  // a dot at the end of the key
}

void read_config(const Fields& fields,
                 const fs::path& file,
                 const std::vector<std::string>& overrides) {
  const Source source{file.string(), fs::absolute(file).parent_path()};
  read_fields(fields, read_text_file(file), source);
  for (const std::string& text : overrides) apply_override(fields, text);
  make_paths_absolute(fields);
}

Json write_fields(const Fields& fields) {
  const auto generic = [](const fs::path& path) { return path.generic_string(); };
  Json object = Json::object();
  for (const Field& field : fields) {
    object[field.name] = std::visit(
        Overloaded{
            [](const auto* value) { return Json(*value); },
            [&](const fs::path* value) { return Json(generic(*value)); },
            [&](const std::vector<fs::path>* value) {
              Json list = Json::array();
              for (const fs::path& path : *value) list.push_back(generic(path));
              return list;
            },
            [&](const std::vector<PathPair>* value) {
              Json list = Json::array();
              for (const auto& [first, second] : *value) {
                list.push_back((first.empty() ? "" : generic(first) + "=") + generic(second));
              }
              return list;
            },
            [](const Choice& value) { return Json(value.names.at(value.get())); },
            [](const Fields& section) { return write_fields(section); },
        },
        field.target);
  }
  return object;
}

void check_fields(const Fields& fields) { check(fields, ""); }

std::vector<FieldDifference> differences(const Fields& before, const Fields& after) {
  std::vector<FieldDifference> found;
  collect_differences(before, write_fields(before), after, write_fields(after), "", found);
  return found;
}

void make_paths_absolute(const Fields& fields) {
  const auto make_absolute = [](fs::path& path) {
    if (!path.empty()) path = fs::absolute(path).lexically_normal();
  };
  for (const Field& field : fields) {
    std::visit(
        Overloaded{
            [&](fs::path* path) { make_absolute(*path); },
            [&](std::vector<fs::path>* paths) { std::ranges::for_each(*paths, make_absolute); },
            [&](std::vector<PathPair>* pairs) {
              for (auto& [first, second] : *pairs) {
                make_absolute(first);
                make_absolute(second);
              }
            },
            [&](const Fields& section) { make_paths_absolute(section); },
            [](const auto&) {},
        },
        field.target);
  }
}

std::string bounds_text(const Bounds& bounds) {
  const bool has_min = std::isfinite(bounds.min);
  const bool has_max = std::isfinite(bounds.max);
  if (has_min && has_max && !bounds.above_min && !bounds.below_max) {
    return "from " + number_text(bounds.min) + " to " + number_text(bounds.max);
  }
  std::string text;
  if (has_min) text += (bounds.above_min ? "above " : "at least ") + number_text(bounds.min);
  if (has_min && has_max) text += " and ";
  if (has_max) text += (bounds.below_max ? "below " : "at most ") + number_text(bounds.max);
  return text;
}

Json number_json(double value) {
  constexpr double kExact = 0x1p53;
  if (std::abs(value) < kExact && value == std::trunc(value))
    return static_cast<std::int64_t>(value);
  return value;
}

std::string expected_value(const Field& field) {
  return std::visit(
      Overloaded{
          [](bool*) -> std::string { return "true or false"; },
          [&](int*) { return with_bounds("an integer", field.bounds); },
          [&](std::int64_t*) { return with_bounds("an integer", field.bounds); },
          [&](double*) { return with_bounds("a number", field.bounds); },
          [&](std::string*) { return field.form.words.empty() ? "text" : field.form.words; },
          [](fs::path*) -> std::string { return "a path"; },
          [](std::vector<std::string>*) -> std::string { return "a list of texts"; },
          [](std::vector<fs::path>*) -> std::string { return "a list of paths"; },
          [](std::vector<PathPair>*) -> std::string { return "a list of paths or path=path"; },
          [&](std::map<std::string, double>*) {
            return with_bounds("an object of numbers", field.bounds);
          },
          [](const Choice& target) { return "one of " + quoted(target.names); },
          [](const Fields&) -> std::string { return "an object"; },
      },
      field.target);
}

}  // namespace impasto
