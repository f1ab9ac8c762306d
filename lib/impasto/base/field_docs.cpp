#include "impasto/base/field_docs.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "impasto/base/text.h"

namespace impasto {

namespace {

namespace fs = std::filesystem;

/// The kind of a value in one or a few words.
std::string kind_of(const Field& field) {
  struct Kinds {
    std::string operator()(bool*) const { return "true/false"; }
    std::string operator()(int*) const { return "integer"; }
    std::string operator()(std::int64_t*) const { return "integer"; }
    std::string operator()(double*) const { return "number"; }
    std::string operator()(std::string*) const { return "text"; }
    std::string operator()(fs::path*) const { return "path"; }
    std::string operator()(std::vector<std::string>*) const { return "list of texts"; }
    std::string operator()(std::vector<fs::path>*) const { return "list of paths"; }
    std::string operator()(std::vector<PathPair>*) const { return "list of paths or path=path"; }
    std::string operator()(std::map<std::string, double>*) const { return "map of numbers"; }
    std::string operator()(const Choice&) const { return "name"; }
    std::string operator()(const Fields&) const { return "object"; }
  };
  return std::visit(Kinds{}, field.target);
}

/// What the value must be where the kind does not say it all: a range, a list of names, a form.
std::string limits_of(const Field& field) {
  if (const auto* names = std::get_if<Choice>(&field.target)) return join(names->names);
  return field.form.words.empty() ? bounds_text(field.bounds) : field.form.words;
}

bool is_empty(const Json& value) {
  return value.is_string() ? value.get_ref<const std::string&>().empty()
                           : value.is_structured() && value.empty();
}

/// Whether a file has to give the field: it is required, and its default does not serve.
bool must_be_given(const Field& field, const Json& value) {
  return field.required && is_empty(value);
}

/// The default as a reader wants it: without quotes and braces, whole numbers without a fraction.
std::string default_text(const Json& value) {
  if (is_empty(value)) return "empty";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) {
    std::vector<std::string> entries;
    for (const auto& [key, entry] : value.items())
      entries.push_back(key + ": " + default_text(entry));
    return join(entries);
  }
  return value.is_number_float() ? number_json(value.get<double>()).dump() : value.dump();
}

/// One row of help or of the docs: a field that holds a value, or a section's heading, which has a
/// path and a text alone.
struct Row {
  std::string path;
  std::string kind;
  std::string limits;
  std::string initial;  ///< The default; "": the field must be given.
  std::string text;

  bool is_heading() const { return kind.empty(); }
};

void collect_rows(const Fields& fields, const std::string& parent, std::vector<Row>& rows) {
  const Json values = write_fields(fields);
  for (const Field& field : fields) {
    const std::string path = parent.empty() ? field.name : parent + "." + field.name;
    if (const auto* section = std::get_if<Fields>(&field.target)) {
      rows.push_back({path, "", "", "", field.text});
      collect_rows(*section, path, rows);
    } else {
      const Json& value = values[field.name];
      rows.push_back({path,
                      kind_of(field),
                      limits_of(field),
                      must_be_given(field, value) ? "" : default_text(value),
                      field.text});
    }
  }
}

std::vector<Row> rows_of(const Fields& fields) {
  std::vector<Row> rows;
  collect_rows(fields, "", rows);
  return rows;
}

/// `text` in lines of at most `width` columns, each but the first after `indent`.
std::string wrapped(const std::string& text, std::size_t width, const std::string& indent) {
  std::string lines;
  std::size_t column = 0;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column != 0 && column + 1 + word.size() > width) {
      lines += "\n" + indent;
      column = 0;
    }
    if (column != 0) lines += " ";
    lines += word;
    column += word.size() + (column != 0 ? 1 : 0);
  }
  return lines;
}

Json bounds_schema(const Bounds& bounds, const char* type) {
  Json schema = {{"type", type}};
  if (std::isfinite(bounds.min)) {
    schema[bounds.above_min ? "exclusiveMinimum" : "minimum"] = number_json(bounds.min);
  }
  if (std::isfinite(bounds.max)) {
    schema[bounds.below_max ? "exclusiveMaximum" : "maximum"] = number_json(bounds.max);
  }
  return schema;
}

Json schema_of(const Fields& fields);

/// The type and its limits, without description and default.
Json value_schema(const Field& field) {
  struct Schemas {
    const Field& field;

    Json operator()(bool*) const { return {{"type", "boolean"}}; }
    Json operator()(int*) const { return bounds_schema(field.bounds, "integer"); }
    Json operator()(std::int64_t*) const { return bounds_schema(field.bounds, "integer"); }
    Json operator()(double*) const { return bounds_schema(field.bounds, "number"); }
    Json operator()(std::string*) const {
      Json schema = {{"type", "string"}};
      if (!field.form.pattern.empty()) schema["pattern"] = "^(" + field.form.pattern + ")$";
      return schema;
    }
    Json operator()(fs::path*) const {
      Json schema = {{"type", "string"}};
      if (field.required) schema["minLength"] = 1;
      return schema;
    }
    Json operator()(std::vector<std::string>*) const { return list(); }
    Json operator()(std::vector<fs::path>*) const { return list(); }
    Json operator()(std::vector<PathPair>*) const { return list(); }
    Json operator()(std::map<std::string, double>*) const {
      return {{"type", "object"}, {"additionalProperties", bounds_schema(field.bounds, "number")}};
    }
    Json operator()(const Choice& target) const { return {{"enum", target.names}}; }
    Json operator()(const Fields& section) const { return schema_of(section); }

    Json list() const {
      Json schema = {{"type", "array"}, {"items", {{"type", "string"}, {"minLength", 1}}}};
      if (field.required) schema["minItems"] = 1;
      return schema;
    }
  };
  return std::visit(Schemas{field}, field.target);
}

Json schema_of(const Fields& fields) {
  const Json values = write_fields(fields);
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field& field : fields) {
    Json schema = {{"description", field.text}};
    schema.update(value_schema(field));
    // A section is required when something in it is.
    if (must_be_given(field, values[field.name]) || schema.contains("required")) {
      required.push_back(field.name);
    } else if (!std::holds_alternative<Fields>(field.target)) {
      schema["default"] = values[field.name];
    }
    properties[field.name] = std::move(schema);
  }
  Json object = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) object["required"] = std::move(required);
  object["additionalProperties"] = false;
  return object;
}

}  // namespace

std::string schema_text(const Fields& fields, const std::string& title) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  schema.update(schema_of(fields));
  schema["properties"]["$schema"] = {
      {"description", "Where an editor finds this schema; the programs pass over it."},
      {"type", "string"}};
  return schema.dump(2) + "\n";
}

std::string help_text(const Fields& fields) {
  const std::vector<Row> rows = rows_of(fields);
  std::size_t path_width = 0;
  std::size_t kind_width = 0;
  for (const Row& row : rows) {
    path_width = std::max(path_width, row.path.size());
    kind_width = std::max(kind_width, row.kind.size());
  }
  constexpr std::size_t kColumns = 100;
  const auto padded = [](std::string text, std::size_t width) {
    text.resize(width + 2, ' ');
    return text;
  };
  const std::string indent(path_width + kind_width + 6, ' ');
  std::string help;
  for (const Row& row : rows) {
    if (row.is_heading()) {
      help += (help.empty() ? "" : "\n") + row.path + ": " + row.text + "\n";
      continue;
    }
    const std::string initial = row.initial.empty() ? "required" : "default " + row.initial;
    const std::string limits = row.limits.empty() ? "" : row.limits + "; ";
    help += "  " + padded(row.path, path_width) + padded(row.kind, kind_width) +
            wrapped(row.text + " [" + limits + initial + "]", kColumns - indent.size(), indent) +
            "\n";
  }
  return help;
}

std::string markdown_table(const Fields& fields) {
  std::string table =
      "| field | kind | default | meaning |\n"
      "| --- | --- | --- | --- |\n";
  for (const Row& row : rows_of(fields)) {
    if (row.is_heading()) continue;
    const std::string kind = row.kind + (row.limits.empty() ? "" : ": " + row.limits);
    const std::string initial = row.initial.empty() ? "**required**" : row.initial;
    table += "| `" + row.path + "` | " + kind + " | " + initial + " | " + row.text + " |\n";
  }
  return table;
}

std::string resumable_list(const Fields& fields) {
  std::string list;
  for (const Field& section : fields) {
    for (const Field& field : std::get<Fields>(section.target)) {
      if (!field.resumable) continue;
      list.append(list.empty() ? "`" : ", `").append(section.name).append(".");
      list.append(field.name).append("`");
    }
  }
  return list + "\n";
}

}  // namespace impasto
