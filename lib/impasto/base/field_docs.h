#pragma once

// Private: not installed. What help, editors and docs show of a table of fields.

#include <string>

#include "impasto/base/fields.h"

namespace impasto {

/// JSON Schema (draft 2020-12) of a file with these fields, whose present values are the defaults.
std::string schema_text(const Fields& fields, const std::string& title);

/// Plain text of at most 100 columns, a paragraph a field: key, kind, meaning, default.
std::string help_text(const Fields& fields);

/// The same as a table in Markdown.
std::string markdown_table(const Fields& fields);

/// The paths of the fields that a resumed run may change, in Markdown: "`a.b`, `c.d`", on one line.
std::string resumable_list(const Fields& fields);

}  // namespace impasto
