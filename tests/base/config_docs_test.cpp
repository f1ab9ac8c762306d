// What editors, --help and docs show of the configs is made from the tables of fields. The files in
// the repository are rewritten with `base_test "[regenerate]"`; a schema alone with `train
// --print-schema`.

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "impasto/base/atomic_file.h"
#include "impasto/base/config_fields.h"
#include "impasto/base/field_docs.h"
#include "impasto/base/file.h"
#include "support/catch.h"
#include "support/files.h"

namespace impasto {
namespace {

constexpr const char* kHowToRegenerate =
    "regenerate it with the program's --print-schema or with `base_test \"[regenerate]\"`";

template <class Config>
std::string table_of() {
  Config config;
  return markdown_table(fields_of(config));
}

/// One config file's schema and table.
struct Page {
  std::string name;
  std::string schema;
  std::string table;

  std::filesystem::path schema_file() const {
    return project_file("configs/schema/" + name + ".schema.json");
  }
};

std::vector<Page> pages() {
  return {{"train", train_config_schema(), table_of<TrainConfig>()},
          {"stylize", stylize_config_schema(), table_of<StylizeConfig>()},
          {"optimize", optimize_config_schema(), table_of<OptimizeConfig>()},
          {"evaluate", evaluate_config_schema(), table_of<EvaluateConfig>()}};
}

std::string train_resumable() {
  TrainConfig config;
  return resumable_list(fields_of(config));
}

/// The part of docs/configs.md between two marks.
struct Section {
  std::size_t begin;
  std::size_t end;
};

Section find_section(const std::string& page, const std::string& name) {
  const std::string start = "<!-- fields: " + name + " -->\n";
  const std::size_t begin = page.find(start);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = page.find("<!-- end of fields -->", begin);
  REQUIRE(end != std::string::npos);
  return {begin + start.size(), end};
}

std::string section_text(const std::string& page, const std::string& name) {
  const Section section = find_section(page, name);
  return page.substr(section.begin, section.end - section.begin);
}

TEST_CASE("The schemas in the repository are those of the tables") {
  INFO(kHowToRegenerate);
  for (const Page& page : pages()) CHECK(read_text_file(page.schema_file()) == page.schema);
}

TEST_CASE("The tables in docs/configs.md are those of the fields") {
  INFO(kHowToRegenerate);
  const std::string text = read_text_file(project_file("docs/configs.md"));
  for (const Page& page : pages()) CHECK(section_text(text, page.name) == page.table);
  CHECK(section_text(text, "resumable") == train_resumable());
}

TEST_CASE("Schemas and docs are rewritten", "[.][regenerate]") {
  const auto path = project_file("docs/configs.md");
  std::string text = read_text_file(path);
  for (const Page& page : pages()) {
    write_file_atomically(page.schema_file(), page.schema);
    const Section section = find_section(text, page.name);
    text.replace(section.begin, section.end - section.begin, page.table);
  }
  const Section resumable = find_section(text, "resumable");
  text.replace(resumable.begin, resumable.end - resumable.begin, train_resumable());
  write_file_atomically(path, text);
}

TEST_CASE("A schema tells an editor kind, range, names, default and what is required") {
  const Json schema = parse_json(train_config_schema(), "schema");
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["required"] == Json::array({"style", "data", "output"}));
  const Json& sections = schema["properties"];
  CHECK(sections["$schema"]["type"] == "string");
  CHECK(sections["loss"]["additionalProperties"] == false);
  CHECK_FALSE(sections["loss"].contains("required"));
  CHECK(sections["data"]["required"] == Json::array({"path"}));

  const Json& data = sections["data"]["properties"];
  CHECK(data["batch_size"] ==
        Json({{"description", "Pictures a batch, shared out among all processes."},
              {"type", "integer"},
              {"minimum", 1},
              {"maximum", 4096},
              {"default", 2}}));
  CHECK(data["min_scale"]["exclusiveMinimum"] == 0);
  CHECK(data["min_scale"]["maximum"] == 1);
  CHECK(data["flip"]["type"] == "boolean");
  CHECK_FALSE(data["path"].contains("default"));
  CHECK(sections["optimizer"]["properties"]["beta1"]["exclusiveMaximum"] == 1);
  CHECK(sections["schedule"]["properties"]["kind"]["enum"] ==
        Json::array({"constant", "step", "cosine"}));
  CHECK(sections["style"]["properties"]["images"]["minItems"] == 1);
  CHECK(sections["run"]["properties"]["device"]["pattern"] == "^(auto|cpu|cuda|cuda:[0-9]{1,3})$");
  const Json& taps = sections["loss"]["properties"]["content"];
  CHECK(taps["additionalProperties"]["type"] == "number");
  CHECK(taps["default"] == Json({{"relu2_2", 1.0}}));
}

TEST_CASE("Help has a line for every field, and none is wider than 100 columns") {
  const std::string help = train_config_help();
  const Json sections = parse_json(to_json(TrainConfig()), "config");
  for (const auto& [section, fields] : sections.items()) {
    CHECK_THAT(help, ContainsSubstring(section + ": "));
    for (const auto& [name, value] : fields.items()) {
      CHECK_THAT(help, ContainsSubstring("\n  " + section + "." + name + " "));
    }
  }
  std::istringstream lines(help + stylize_config_help() + optimize_config_help() +
                           evaluate_config_help());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  CHECK_THAT(help, ContainsSubstring("Pictures a batch, shared out among all processes."));
}

TEST_CASE("The configs in the repository load, and their paths exist") {
  std::vector<std::filesystem::path> files;
  for (const auto& folder : {project_file("configs"), project_file("configs/gallery")}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::filesystem::path& file = entry.path();
      if (file.extension() == ".json" && file.filename() != "stylize.json") files.push_back(file);
    }
  }
  CHECK(files.size() >= 10);
  for (const std::filesystem::path& file : files) {
    INFO(file);
    const TrainConfig config = load_train_config(file);
    CHECK(std::filesystem::is_directory(config.data.path));
    CHECK(std::filesystem::is_regular_file(config.loss.network));
    CHECK(std::ranges::all_of(config.style.images, [](const auto& image) {
      return std::filesystem::is_regular_file(image);
    }));
    CHECK(config.output.dir.string().starts_with(project_file("runs").string()));
  }
  CHECK_NOTHROW(load_stylize_config(project_file("configs/stylize.json")).validate());
}

}  // namespace
}  // namespace impasto
