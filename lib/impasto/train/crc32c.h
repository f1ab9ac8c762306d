#pragma once

// Private: not installed.

#include <cstdint>
#include <string_view>

namespace impasto {

/// CRC-32C, the Castagnoli polynomial, as in RFC 3720, section 12.1.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace impasto
