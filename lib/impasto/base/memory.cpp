#include "impasto/base/memory.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>

namespace impasto {

namespace {

constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};

/// A file that holds one number, as control groups have them.
std::optional<std::uint64_t> number_in(const char* path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return {};
}

std::optional<std::uint64_t> free_in_system() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    unsigned long long kibibytes = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %llu kB", &kibibytes) == 1) {
      return kibibytes << 10;
    }
  }
  return {};
}

std::optional<std::uint64_t> free_in_control_group() {
  const auto limit = number_in("/sys/fs/cgroup/memory.max");
  const auto used = number_in("/sys/fs/cgroup/memory.current");
  if (!limit || !used) return {};
  return *limit > *used ? *limit - *used : 0;
}

}  // namespace

std::string byte_text(std::uint64_t bytes) {
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(
      text, sizeof text, value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const std::string copy(text);
  if (copy.empty() || copy[0] < '0' || copy[0] > '9') return {};
  char* end = nullptr;
  double value = std::strtod(copy.c_str(), &end);
  if (copy.find_first_of("xXeEnN") != std::string::npos) return {};
  while (*end == ' ') ++end;
  std::string unit;
  for (; *end != '\0'; ++end) {
    unit += static_cast<char>(*end >= 'a' && *end <= 'z' ? *end - 'a' + 'A' : *end);
  }
  constexpr std::string_view kPowers = "KMGT";
  if (!unit.empty()) {
    const std::size_t power = kPowers.find(unit[0]);
    if (power == std::string_view::npos) return {};
    value = std::ldexp(value, 10 * (static_cast<int>(power) + 1));
    unit.erase(0, 1);
  }
  if (!unit.empty() && unit != "B" && unit != "IB") return {};
  if (!(value >= 1) || value > static_cast<double>(std::numeric_limits<std::int64_t>::max()))
    return {};
  return static_cast<std::uint64_t>(value);
}

std::uint64_t available_memory() {
  const auto system = free_in_system();
  const auto group = free_in_control_group();
  if (system && group) return std::min(*system, *group);
  if (system) return *system;
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 4;
}

}  // namespace impasto
