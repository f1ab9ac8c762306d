#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace impasto {

/// "640 bytes", "512 MiB", "3.5 GiB": three digits or fewer, in powers of 1024.
std::string byte_text(std::uint64_t bytes);

/// The reverse, as a person types it: a number, whole or not, and K, M, G or T for powers of 1024,
/// in any case, with or without "B" or "iB" behind: "4G", "1.5 GiB", "512m". None for other text
/// and for 0.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// Bytes that the system can give without swapping and within the control group's limit, as far as
/// it tells; where it tells nothing, a quarter of the machine's memory.
std::uint64_t available_memory();

}  // namespace impasto
