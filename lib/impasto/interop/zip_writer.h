#pragma once

// Private: not installed.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace impasto {

/// A zip file with these entries, stored without compression and without the time: equal entries
/// give equal bytes. Throws Error where memory is short.
std::vector<std::byte> zip_stored(const std::map<std::string, std::string>& entries);

}  // namespace impasto
