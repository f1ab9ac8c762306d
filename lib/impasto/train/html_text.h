#pragma once

// Private: not installed.

#include <string>
#include <string_view>

namespace impasto {

/// `text` as it stands in HTML and SVG, attribute values included: `&`, `<`, `>` and quotes as
/// entities, and what is not UTF-8 or not allowed there as U+FFFD.
std::string escape_html(std::string_view text);

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::string_view bytes);

}  // namespace impasto
