#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>

/// What a fuzz target does with one input. Returns, or the process ends by what it has found:
/// `require`, a sanitizer, or an exception that the target did not expect.
void fuzz_one(std::span<const std::byte> bytes);

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}
