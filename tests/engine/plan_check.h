#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// Makes a plan for the config, size, precision and thread count that the bytes spell, and checks
/// it: tiles cover each stage, buffers in use at the same time lie apart, and what a stage writes
/// over its input has been read. Returns what is wrong, or "".
std::string check_plan_from(std::span<const std::uint8_t> bytes);
