// The config reader: any text is a config or an error in words, and what is read is written as the
// same. A text is taken for every kind of config: as a file where it begins with a brace, else as
// an override.

#include <string_view>

#include "fuzz/target.h"
#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"

using namespace impasto;

namespace {

template <class Config>
void read(std::string_view text, bool is_override) {
  Config config;
  const Fields fields = fields_of(config);
  std::string written;
  try {
    if (is_override) {
      apply_override(fields, std::string(text));
    } else {
      read_fields(fields, text, {"fuzz", "/folder"});
    }
    check_fields(fields);
    make_paths_absolute(fields);                        // As the programs' own readers do.
    written = to_text(write_fields(fields), "config");  // Refuses names that are not UTF-8.
  } catch (const Error&) {
    return;
  }
  Config again;
  read_fields(fields_of(again), written, {"again", "/folder"});
  require(to_text(write_fields(fields_of(again)), "config") == written, "the config changed");
}

}  // namespace

void fuzz_one(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const bool is_override = !text.starts_with('{');
  read<StylizeConfig>(text, is_override);
  read<TrainConfig>(text, is_override);
  read<OptimizeConfig>(text, is_override);
  read<EvaluateConfig>(text, is_override);
  read<GeneratorConfig>(text, is_override);
}
